-- What queries need, built from the journal. Deleting the file loses nothing: it is built again.
-- Times ending in _ms are milliseconds since the epoch; `batch` is a journal sequence.
BEGIN IMMEDIATE;

-- How far the journal has been taken in; written in the same transaction as everything else.
CREATE TABLE progress (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  format INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  hash BLOB NOT NULL,
  highest_id INTEGER NOT NULL,
  highest_session_id INTEGER NOT NULL,
  highest_short_id INTEGER NOT NULL
) STRICT;

-- One row per message, MT and MO. The columns are those of gateway.archive.rows.MessageRow.
CREATE TABLE messages (
  id INTEGER PRIMARY KEY,
  direction TEXT NOT NULL CHECK (direction IN ('mt', 'mo')),
  account TEXT NOT NULL,
  session_id INTEGER NOT NULL,
  sequence_number INTEGER NOT NULL,
  service TEXT NOT NULL,
  sender TEXT NOT NULL,
  recipient TEXT NOT NULL,
  data_coding INTEGER NOT NULL,
  carrier TEXT NOT NULL,
  submitted_ms INTEGER NOT NULL,
  accepted INTEGER NOT NULL CHECK (accepted IN (0, 1)),
  status INTEGER NOT NULL,
  reason TEXT NOT NULL,
  registered_delivery INTEGER NOT NULL,
  wire_id TEXT NOT NULL,
  fault TEXT NOT NULL,
  batch INTEGER NOT NULL,
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 9),
  error TEXT NOT NULL,
  liability TEXT NOT NULL,
  final_ms INTEGER CHECK ((final_ms IS NOT NULL) = (state > 1)),
  attempts INTEGER NOT NULL,
  receipt_state TEXT NOT NULL,
  receipt_attempts INTEGER NOT NULL,
  receipt_ms INTEGER,
  segments INTEGER NOT NULL,
  validity_ms INTEGER,
  schedule_ms INTEGER,
  begun_ms INTEGER NOT NULL,
  failures BLOB,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX messages_by_recipient ON messages (recipient);
CREATE INDEX messages_by_time ON messages (submitted_ms);
-- For the messages behind a figure, by the day on which their delivery began.
CREATE INDEX messages_begun_later ON messages (begun_ms) WHERE begun_ms <> submitted_ms;
CREATE INDEX messages_refused ON messages (submitted_ms) WHERE accepted = 0;
CREATE INDEX messages_by_wire_id ON messages (wire_id) WHERE wire_id <> '';

-- SMPP 3.4 §5.2.28: a final state is final, and a message has one. Its row is the only place for an
-- outcome, so what is needed is that the row is made once and the outcome is set once.
CREATE TRIGGER final_states_never_change BEFORE UPDATE OF state, error, liability, final_ms ON messages
  WHEN old.final_ms IS NOT NULL
    AND (new.state, new.error, new.liability, new.final_ms)
      IS NOT (old.state, old.error, old.liability, old.final_ms)
  BEGIN SELECT RAISE(ABORT, 'a final state never changes'); END;
CREATE TRIGGER final_messages_are_never_replaced BEFORE INSERT ON messages
  WHEN EXISTS (SELECT 1 FROM messages WHERE id = new.id AND final_ms IS NOT NULL)
  BEGIN SELECT RAISE(ABORT, 'a message with an outcome is there already'); END;

-- The parts of concatenated messages.
CREATE TABLE segments (
  id INTEGER PRIMARY KEY,
  message_id INTEGER NOT NULL,
  part INTEGER NOT NULL,
  wire_id TEXT NOT NULL
) STRICT;
CREATE INDEX segments_by_wire_id ON segments (wire_id) WHERE wire_id <> '';

-- In which batches of the journal something happened to a message, a part or an uplink message.
CREATE TABLE timeline (
  id INTEGER NOT NULL,
  batch INTEGER NOT NULL,
  PRIMARY KEY (id, batch)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  id INTEGER PRIMARY KEY,
  account TEXT NOT NULL,
  mode TEXT NOT NULL,
  interface_version INTEGER NOT NULL,
  peer TEXT NOT NULL,
  system_type TEXT NOT NULL,
  bound_ms INTEGER NOT NULL,
  unbound_ms INTEGER,
  reason TEXT
) STRICT;

-- What a restart takes up again (routing.open_messages), as MessagePack.
CREATE TABLE open_messages (id INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT;
CREATE TABLE open_segments (id INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT;
CREATE TABLE open_mo (id INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT;

-- What a restart folds again, whole and in order: changes of registries, cases, notices. `place` is
-- the event's in its batch; `content` is the event as the journal encodes it.
CREATE TABLE lasting (
  batch INTEGER NOT NULL,
  place INTEGER NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (batch, place)
) STRICT;

-- Up to which batch the journal was removed, as long as rows of that are still to be removed here.
CREATE TABLE removed (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  batch INTEGER NOT NULL,
  before_ms INTEGER NOT NULL
) STRICT;

-- Counts of the quality index up to a batch (metrics.sla.ledger), as MessagePack. They may be a little
-- behind the rows: what is missing is folded from the journal.
CREATE TABLE figures (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  sequence INTEGER NOT NULL,
  content BLOB NOT NULL
) STRICT;

COMMIT;
