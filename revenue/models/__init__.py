from revenue.models.books import EntryKind, JournalEntry, LedgerAccount, Posting

__all__ = ["EntryKind", "JournalEntry", "LedgerAccount", "Posting"]
