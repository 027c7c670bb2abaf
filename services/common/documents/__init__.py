"""Documents that people print, as PDF: what services share."""
