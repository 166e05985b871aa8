"""The log of messages as the office reads it: what was sent to whom, whether it left, and sending it again."""
