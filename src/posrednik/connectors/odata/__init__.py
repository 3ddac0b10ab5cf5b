"""The standard OData interface of 1C, read only: client, names of a configuration, rows as objects of the exchange."""
