"""Public databases: what each is, declared, and how any of them comes into a folder."""
