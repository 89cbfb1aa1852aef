"""How the demonstration workspace of Suizhou is made: seeded shapes and series, never measurements."""
