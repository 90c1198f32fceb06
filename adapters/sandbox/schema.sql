-- Instants are ISO texts in the city's time (+08:00), so that they compare as they read; days are YYYY-MM-DD.

CREATE TABLE IF NOT EXISTS patients (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    name TEXT NOT NULL,
    id_number TEXT,
    guardian_name TEXT,
    guardian_id_number TEXT,
    birth_date TEXT,
    phone TEXT NOT NULL,
    person TEXT NOT NULL, -- who it is, whichever account registered them
    created_at TEXT NOT NULL,
    UNIQUE (account_id, person, name)
);

-- A row is made when a session is first touched; until then the plan alone says how it is.
CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY,
    plan TEXT NOT NULL,
    starts_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    capacity INTEGER NOT NULL,
    seats_left INTEGER NOT NULL CHECK (seats_left BETWEEN 0 AND capacity),
    last_number INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'suspended'))
);

CREATE TABLE IF NOT EXISTS appointments (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    patient_id TEXT NOT NULL REFERENCES patients (id),
    person TEXT NOT NULL,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    hospital_id TEXT NOT NULL,
    department_id TEXT NOT NULL,
    visit_date TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    queue_number INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('reserved', 'cancelled_by_user', 'cancelled_by_hospital', 'no_show', 'visited')),
    booked_at TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS one_a_day ON appointments (person, hospital_id, department_id, visit_date)
WHERE state IN ('reserved', 'visited');
CREATE UNIQUE INDEX IF NOT EXISTS one_a_number ON appointments (session_id, queue_number);
CREATE INDEX IF NOT EXISTS of_account ON appointments (account_id, booked_at);
CREATE INDEX IF NOT EXISTS unattended ON appointments (ends_at) WHERE state = 'reserved';
CREATE INDEX IF NOT EXISTS missed ON appointments (person, hospital_id, visit_date) WHERE state = 'no_show';

CREATE TABLE IF NOT EXISTS effects (
    idempotency_key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    at TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS notices (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    reason TEXT NOT NULL,
    affected TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS ledger (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    department TEXT NOT NULL,
    effect TEXT NOT NULL,
    idempotency_key TEXT,
    actor TEXT NOT NULL,
    body TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE
);
CREATE TRIGGER IF NOT EXISTS ledger_is_not_changed BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS ledger_is_not_deleted BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
-- INSERT OR REPLACE deletes without the trigger above.
CREATE TRIGGER IF NOT EXISTS ledger_is_not_replaced BEFORE INSERT ON ledger
WHEN EXISTS (SELECT 1 FROM ledger WHERE sequence = NEW.sequence OR hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
