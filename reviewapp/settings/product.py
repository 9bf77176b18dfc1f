"""The product's own knobs, each with its reason."""

from reviewapp.settings import env

# A body larger than this is refused before it is parsed: agents send decisions, not documents.
DECISION_MAX_BYTES = 256 * 1024

# What any other operation of the API reads at most: five thousand rows of features, a thousand cases to try.
API_MAX_BYTES = 16 * 1024 * 1024

# A batch of decisions: as many lines as a few seconds of work, and no more bytes than one thread may hold.
BATCH_MAX_LINES = 10_000
BATCH_MAX_BYTES = 32 * 1024 * 1024

# Lines of a batch that are recorded together: larger chunks gain nothing and hold their answers back.
BATCH_CHUNK = 500

# A trial answers at most this many cases in one request: about a second of work for one thread.
TRIAL_MAX_CASES = 1000

# The longest a long poll is held open; below the 30 s at which common proxies give up.
WAIT_MAX_SECONDS = 25

# An open stream with nothing to say says so this often: proxies keep it open, and a revoked key is noticed.
STREAM_HEARTBEAT_SECONDS = 15.0

# Serving processes ask for a newer slot this often even when a NOTIFY was lost.
SLOT_POLL_SECONDS = 1.0

# Serving processes keep a thread that watches the slots; without it every request looks at its slot itself.
SLOT_WATCH = True

# What a slot signed holds this long; it is renewed once half of that is over. When signing fails, there is half a day to
# mend it before the contracts' failure terms answer; a copy held back by someone serves a day at most.
SLOT_STATEMENT_SECONDS = 24 * 3600

# An event whose handler failed this often is parked: it needs a person, and the doctor names it.
EVENT_MAX_ATTEMPTS = 12

# A reviewer holds a task this long without a sign of life; activity renews it.
LEASE_SECONDS = 15 * 60

# Rows on a page: what fits two screens at 38 px a row.
PAGE_SIZE = 50

# For so long nothing that a reviewer submits in the browser leaves, and they may undo it; 0 lets it take effect at once.
UNDO_SECONDS = env.number("COUNTERSIGN_UNDO_SECONDS", 30, low=0, high=300)

# How old the numbers beside links and over lists may be, in seconds; 0 counts for every page. What counting costs is not
# paid by everybody who turns a page in the same moment.
COUNT_SECONDS = 3

# A request or a turn of the stream brings at most this many feature rows: about half a second of one thread.
FEATURE_MAX_ROWS = 5000

# Before every key of online features, so that they stand apart from whatever else lives in Redis.
FEATURE_PREFIX = "cs:feature:"

# A decision waits this long for online features, then the contract's terms for old features answer.
FEATURE_READ_SECONDS = 0.025

# Writing features may wait longer than a decision: nobody's answer depends on it.
FEATURE_WRITE_SECONDS = 2.0

# After this many failed reads in a row no further one is tried, for this long: a store that is down costs nothing then.
FEATURE_BREAKER_FAILURES = 5
FEATURE_BREAKER_SECONDS = 2.0

# Clocks of the programs that send features may run ahead by this much.
FEATURE_CLOCK_SKEW_SECONDS = 60

# One reading of the feature stream takes this many entries; below FEATURE_MAX_ROWS, so that one commit holds them.
FEATURE_STREAM_ROWS = 500

# Entries of the stream that were read but not acknowledged for this long were left behind by a turn that died.
FEATURE_CLAIM_SECONDS = 30.0

# A receiver of webhooks answers within this, or is tried again later.
WEBHOOK_TIMEOUT_SECONDS = 5.0

# After a new secret the old one signs too for this long: receivers change theirs in between.
WEBHOOK_ROTATION_HOURS = 24

# An address that has failed without one success for this long is switched off; messages are kept.
WEBHOOK_DISABLE_DAYS = 5

# Webhooks go to public addresses over https only, unless this opens http and private ones for receivers beside it.
WEBHOOK_ALLOW_PRIVATE = env.flag("WEBHOOK_ALLOW_PRIVATE", default=False)

# Making or detaching a partition waits this long for its locks, then tries again another hour: whoever decides meanwhile
# waits no longer than this. Less than PostgreSQL's deadlock_timeout of a second, so that it is always this that gives up.
RETENTION_LOCK_SECONDS = 0.5
