"""The consultations branch: from a request for support to a plan that both sides have signed."""
