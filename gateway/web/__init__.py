"""What HTTP asks for: parsing, conditions, language, lists, problems, the OpenAPI document."""
