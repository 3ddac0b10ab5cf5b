"""The standard OData interface of the emulated base (facts/onec.md §3, E-10 to E-16)."""
