"""The External Assessment Panel: allocations, conflicts of interest, sheets, consensus and ranking."""
