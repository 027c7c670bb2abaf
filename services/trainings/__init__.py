"""The trainings branch: from the call for applications to a certificate that can be verified."""
