"""What people look at and print: pictures and tables of working documents."""
