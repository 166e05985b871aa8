"""Tells whole stories in real browsers, from the registration of an applicant to the public page of the network."""
