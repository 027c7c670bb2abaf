"""Documents that people print: certificates and sign-in sheets, as PDF in every language."""
