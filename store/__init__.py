"""How rows are kept: transactions, sealed columns, inbox and outbox, audit, clock, migrations."""
