"""Rules by themselves: no server, no clock of the machine."""
