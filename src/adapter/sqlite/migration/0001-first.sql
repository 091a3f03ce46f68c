-- The tables of one shard. Ids and times come from the program; everything
-- that names anybody is sealed. Small rows lie together by account (no rowid).
-- Large rows that come with every delivery are appended in the order of time,
-- and only a slim index is ordered by account: a delivery to one of a hundred
-- accounts then dirties 2.6 pages in a large group and 6.4 in a small one,
-- where tables ordered by account took 6.6 and 10.
CREATE TABLE account (
  account INTEGER PRIMARY KEY,
  organisation INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  modseq INTEGER NOT NULL,
  log_head INTEGER NOT NULL, -- its newest row in change_log; 0 for none
  used INTEGER NOT NULL,
  quota INTEGER NOT NULL
) STRICT;

-- Accounts that were closed, until tidy has removed what was theirs.
CREATE TABLE closed (account INTEGER PRIMARY KEY, log_head INTEGER NOT NULL) STRICT;

CREATE TABLE mailbox (
  account INTEGER NOT NULL,
  mailbox INTEGER NOT NULL,
  parent INTEGER, -- null at the top
  name_key BLOB NOT NULL,
  name BLOB NOT NULL,
  role TEXT,
  subscribed INTEGER NOT NULL,
  uid_validity INTEGER NOT NULL,
  uid_next INTEGER NOT NULL,
  highest_modseq INTEGER NOT NULL,
  total INTEGER NOT NULL,
  unseen INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  size INTEGER NOT NULL,
  PRIMARY KEY (account, mailbox)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX mailbox_id ON mailbox (mailbox);
CREATE UNIQUE INDEX mailbox_name ON mailbox (account, ifnull(parent, 0), name_key);

-- By id alone: ids ascend with time, so a delivery to any account appends here.
CREATE TABLE email (
  email INTEGER PRIMARY KEY,
  account INTEGER NOT NULL,
  thread INTEGER NOT NULL,
  blob INTEGER NOT NULL,
  size INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  meta BLOB NOT NULL
) STRICT;

CREATE TABLE entry (
  account INTEGER NOT NULL,
  mailbox INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  email INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  keywords TEXT, -- with a space between; null for none
  modseq INTEGER NOT NULL,
  PRIMARY KEY (account, mailbox, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_email ON entry (email);

-- What each commit changed, as adapter/sqlite/change-log.ts writes it: one row
-- for each modseq. An account's rows are a chain, newest first, so that no
-- index has to be kept; where the chain ends early, the rest is forgotten.
-- Expunged UIDs are found here too.
CREATE TABLE change_log (
  id INTEGER PRIMARY KEY,
  previous INTEGER NOT NULL, -- the account's row before; 0 for none
  modseq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  items TEXT NOT NULL
) STRICT;

-- Effects that were done, with their first results. Modseq 0: accepted into the queue.
CREATE TABLE applied (
  owner INTEGER NOT NULL,
  effect BLOB NOT NULL,
  modseq INTEGER NOT NULL,
  results TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX applied_effect ON applied (owner, effect);

-- Where bodies lie; `refs` counts the emails and queued messages that name them.
CREATE TABLE blob (
  blob INTEGER PRIMARY KEY,
  pack INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  length INTEGER NOT NULL,
  refs INTEGER NOT NULL
) STRICT;

CREATE TABLE object (
  account INTEGER NOT NULL,
  kind TEXT NOT NULL,
  id INTEGER NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY (account, kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE step (
  owner INTEGER NOT NULL,
  journey TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  sealed BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX step_journey ON step (owner, journey, seq);

CREATE TABLE queue_message (
  queue INTEGER PRIMARY KEY,
  owner INTEGER NOT NULL,
  blob INTEGER NOT NULL,
  size INTEGER NOT NULL,
  accepted_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  sealed BLOB NOT NULL
) STRICT;

CREATE TABLE queue_item (
  item INTEGER PRIMARY KEY,
  queue INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  ready_at INTEGER NOT NULL, -- when it may be claimed: its due time, or the end of its lease
  held INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  fence INTEGER NOT NULL,
  worker TEXT, -- who holds, or last held, the lease; null when it was given back
  sealed BLOB NOT NULL
) STRICT;
CREATE INDEX queue_item_queue ON queue_item (queue);
CREATE INDEX queue_item_owner ON queue_item (owner, item);
CREATE INDEX queue_item_ready ON queue_item (ready_at, lane) WHERE held = 0;

CREATE TABLE directory (
  kind TEXT NOT NULL,
  id INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE directory_name (
  name BLOB PRIMARY KEY,
  kind TEXT NOT NULL,
  id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX directory_name_row ON directory_name (kind, id);

CREATE TABLE wrapped_key (
  owner INTEGER PRIMARY KEY,
  wrapped BLOB NOT NULL
) STRICT;
