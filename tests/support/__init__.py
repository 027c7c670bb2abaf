"""What tests of every kind share: the stack they run on."""
