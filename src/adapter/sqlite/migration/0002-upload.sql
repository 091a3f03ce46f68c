-- Octets that people have brought for messages to be made of (RFC 8620 §6.1).
-- `refs` of a blob counts uploads too. By id alone, as emails are: a new one is
-- appended, and the oldest are found first.
CREATE TABLE upload (
  upload INTEGER PRIMARY KEY,
  account INTEGER NOT NULL,
  blob INTEGER NOT NULL,
  size INTEGER NOT NULL,
  at INTEGER NOT NULL,
  meta BLOB NOT NULL
) STRICT;
CREATE INDEX upload_account ON upload (account, size);

-- The log now says which emails an expunge took and which of them are gone.
-- Rows of before do not, and cannot be completed: who was away synchronises anew.
UPDATE account SET log_head = 0;
UPDATE closed SET log_head = 0;
DELETE FROM change_log;
