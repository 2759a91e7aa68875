from revenue.models.books import JournalEntry, LedgerAccount, Posting

__all__ = ["JournalEntry", "LedgerAccount", "Posting"]
