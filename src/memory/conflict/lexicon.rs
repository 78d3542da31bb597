//! The words that the rules know: verbs, words that only hold a sentence together, opposites, and
//! what sets two statements apart.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Irregular forms, and nouns that say what a verb says, with the word that stands for both.
#[rustfmt::skip]
const FORMS: [(&str, &str); 74] = [
    ("led", "lead"), ("leader", "lead"), ("heads", "lead"), ("headed", "lead"), ("owner", "own"), ("kept", "keep"), ("held", "hold"), ("holds", "hold"),
    ("ran", "run"), ("built", "build"), ("written", "write"), ("wrote", "write"),
    ("sent", "send"), ("paid", "pay"), ("chose", "choose"), ("chosen", "choose"), ("left", "leave"), ("made", "make"),
    ("took", "take"), ("taken", "take"), ("went", "go"), ("gone", "go"), ("came", "come"), ("said", "say"), ("met", "meet"),
    ("got", "get"), ("bought", "buy"), ("sold", "sell"), ("spoke", "speak"), ("knew", "know"), ("known", "know"),
    ("thought", "think"), ("thinks", "think"), ("began", "begin"), ("begun", "begin"), ("grew", "grow"), ("grown", "grow"),
    ("fell", "fall"), ("fallen", "fall"), ("rose", "rise"), ("risen", "rise"), ("set", "set"), ("put", "put"), ("cut", "cut"),
    ("shut", "shut"), ("drank", "drink"), ("drunk", "drink"), ("ate", "eat"), ("eaten", "eat"), ("spent", "spend"), ("lost", "lose"), ("won", "win"),
    ("given", "give"), ("gave", "give"), ("shown", "show"), ("seen", "see"), ("saw", "see"), ("found", "find"),
    ("understood", "understand"), ("born", "bear"), ("hidden", "hide"), ("broken", "break"), ("broke", "break"), ("forbidden", "forbid"),
    ("db", "database"), ("databases", "database"), ("prod", "production"), ("people", "person"), ("employees", "person"), ("employee", "person"),
    ("favorite", "favourite"), ("e-mail", "email"), ("repo", "repository"), ("children", "child"),
];

/// Verbs in their base form, sorted by bytes. In place of a parser: the first of them that can be
/// a verb where it stands divides a clause.
#[rustfmt::skip]
const VERBS: [&str; 205] = [
    "accept", "add", "affect", "agree", "allow", "answer", "apply", "approve", "ask", "assign", "attend",
    "authenticate", "automate", "bear", "become", "begin", "belong", "block", "break", "build", "bump", "buy",
    "cache", "call", "cancel", "cause", "change", "charge", "check", "choose", "close", "come", "connect",
    "consider", "contain", "cost", "cover", "create", "cut", "decide", "default", "delete", "deliver",
    "depend", "deploy", "describe", "disable", "discuss", "dislike", "drink", "drop", "eat", "enable",
    "encrypt", "end", "exclude", "expect", "expire", "export", "extend", "fail", "fall", "find", "finish",
    "fire", "fix", "follow", "forbid", "format", "found", "get", "give", "go", "grow", "handle", "happen",
    "hash", "hate", "help", "hide", "hold", "host", "implement", "import", "include", "increase", "install",
    "join", "keep", "know", "last", "launch", "lead", "learn", "leave", "like", "limit", "list", "live",
    "load", "locate", "lock", "log", "lose", "love", "lower", "maintain", "make", "manage", "mean", "measure",
    "meet", "merge", "migrate", "monitor", "move", "name", "need", "offer", "open", "organise", "own", "pass",
    "pay", "perform", "persist", "plan", "play", "postpone", "power", "prefer", "process", "promise",
    "provide", "publish", "push", "raise", "read", "receive", "recommend", "reject", "release", "remain",
    "remove", "rename", "replace", "report", "request", "require", "reside", "resolve", "respond", "restart",
    "retry", "return", "review", "rise", "rotate", "run", "save", "say", "schedule", "see", "sell", "send",
    "serve", "set", "ship", "show", "shut", "sign", "speak", "spend", "split", "squash", "start", "stay",
    "stop", "store", "study", "submit", "suggest", "support", "switch", "take", "target", "terminate", "test",
    "think", "time", "trigger", "turn", "understand", "update", "upgrade", "upload", "use", "validate",
    "verify", "visit", "want", "weigh", "win", "work", "write",
];

pub(super) const ARTICLES: [&str; 12] =
    ["the", "a", "an", "der", "die", "das", "le", "la", "el", "il", "les", "los"];

/// Before a noun: what follows isn't the verb.
pub(super) const DETERMINERS: [&str; 22] = [
    "the", "a", "an", "our", "my", "your", "their", "its", "his", "her", "this", "that", "these",
    "those", "each", "every", "no", "any", "some", "all", "most", "other",
];

pub(super) const PREPOSITIONS: [&str; 33] = [
    "in", "on", "at", "by", "with", "for", "of", "from", "to", "into", "under", "over", "via",
    "through", "above", "below", "as", "since", "until", "till", "during", "between", "within",
    "about", "per", "than", "off", "onto", "against", "behind", "near", "among", "towards",
];

/// Hold a sentence together and say nothing that the rules compare.
#[rustfmt::skip]
pub(super) const LIGHT: [&str; 73] = [
    "we", "us", "our", "ours", "you", "your", "they", "them", "their", "it", "its", "he", "him", "his", "she", "her", "this", "that", "these", "those",
    "there", "here", "and", "or", "but", "so", "which", "who", "also", "too", "well", "currently", "already", "still", "just", "about", "around",
    "approximately", "roughly", "really", "very", "quite", "today", "presently", "always", "every", "each", "all", "any", "both", "such", "everyone", "everybody",
    "own", "please", "times", "time", "then", "et", "und", "y", "que", "de", "du", "des", "del", "am", "im", "um", "em", "à", "dem", "den",
];

pub(super) const BE: [&str; 10] =
    ["is", "are", "was", "were", "be", "been", "being", "isn't", "aren't", "wasn't"];
pub(super) const HAVE: [&str; 6] = ["has", "have", "had", "hasn't", "haven't", "hadn't"];
pub(super) const DO: [&str; 6] = ["does", "do", "did", "doesn't", "don't", "didn't"];
pub(super) const MODALS: [&str; 17] = [
    "can",
    "could",
    "may",
    "might",
    "must",
    "shall",
    "should",
    "will",
    "would",
    "cannot",
    "can't",
    "couldn't",
    "mustn't",
    "shouldn't",
    "won't",
    "wouldn't",
    "needn't",
];

/// Turn a statement into its opposite.
pub(super) const NEGATIONS: [&str; 9] =
    ["not", "never", "no", "none", "nobody", "nothing", "neither", "cannot", "nicht"];

/// What only might be so, or what somebody thinks, asks or weighs.
pub(super) const HEDGES: [&str; 17] = [
    "maybe",
    "perhaps",
    "possibly",
    "probably",
    "whether",
    "might",
    "consider",
    "considered",
    "considering",
    "discussed",
    "thinks",
    "suggested",
    "suggests",
    "proposed",
    "wonders",
    "asked",
    "thought",
];

/// One more of several, which takes nothing away from the others.
pub(super) const ADDITIVE: [&str; 6] =
    ["also", "too", "additionally", "another", "again", "besides"];

/// Words with an opposite, as base forms: the first group is one side, the second the other.
#[rustfmt::skip]
const OPPOSITES: [(&[&str], &[&str]); 38] = [
    (&["enable", "on", "activate"], &["disable", "off", "deactivate"]),
    (&["allow", "permit", "welcome"], &["forbid", "prohibit", "deny", "disallow", "ban"]),
    (&["open", "ongoing", "unresolved"], &["close", "resolve", "fix", "shut"]),
    (&["public"], &["private", "internal", "confidential", "secret"]),
    (&["online"], &["offline"]),
    (&["visible"], &["hide", "invisible"]),
    (&["required", "require", "mandatory", "compulsory"], &["optional", "voluntary"]),
    (&["pass", "succeed", "work"], &["fail"]),
    (&["accept", "approve"], &["reject", "decline", "refuse", "cancel"]),
    (&["opt-in"], &["opt-out"]),
    (&["like", "love", "enjoy"], &["dislike", "hate", "detest"]),
    (&["include"], &["exclude", "omit"]),
    (&["manual", "manually"], &["automatic", "automatically", "automated"]),
    (&["short", "brief", "concise"], &["long", "detailed", "verbose"]),
    (&["dark"], &["light"]),
    (&["up", "healthy"], &["down", "unhealthy"]),
    (&["available"], &["unavailable", "remove"]),
    (&["full"], &["empty"]),
    (&["true"], &["false"]),
    (&["correct", "right"], &["wrong", "incorrect"]),
    (&["formal", "formally"], &["informal", "informally", "casually"]),
    (&["mutable", "writable"], &["immutable", "read-only"]),
    (&["synchronous", "synchronously", "sync"], &["asynchronous", "asynchronously", "async"]),
    (&["stable"], &["unstable", "flaky", "experimental"]),
    (&["free"], &["paid"]),
    (&["fast", "quick"], &["slow"]),
    (&["cheap"], &["expensive"]),
    (&["stateless"], &["stateful"]),
    (&["blocking"], &["nonblocking", "non-blocking"]),
    (&["permanent"], &["temporary"]),
    (&["local", "locally"], &["remote", "remotely"]),
    (&["single-threaded"], &["multi-threaded", "multithreaded"]),
    (&["increase", "rise", "grow"], &["decrease", "fall", "shrink"]),
    (&["ascending"], &["descending"]),
    (&["horizontal", "horizontally"], &["vertical", "vertically"]),
    (&["alive"], &["dead"]),
    (&["present"], &["absent"]),
    (&["on-premises", "self-hosted"], &["cloud-hosted", "managed"]),
];

/// Before the opposite of a word.
const REVERSING: [&str; 8] = ["un", "in", "im", "non", "non-", "dis", "ir", "a"];

/// Words that say of which of several things a statement holds. Two statements that hold different
/// ones don't conflict, and neither do one that holds one and one that is said in general.
#[rustfmt::skip]
const QUALIFIERS: [&str; 72] = [
    "production", "staging", "development", "dev", "test", "testing", "qa", "preview", "sandbox", "demo", "local", "canary",
    "weekday", "weekend", "morning", "evening", "night", "summer", "winter", "holiday",
    "first", "second", "third", "last", "next", "previous", "old", "new", "former", "legacy",
    "minimum", "maximum", "min", "max", "average", "median", "peak",
    "incoming", "outgoing", "inbound", "outbound", "read", "write", "upload", "download", "start", "end",
    "windows", "linux", "macos", "ios", "android", "mobile", "desktop", "web", "browser",
    "before", "after", "without", "except", "unless", "if", "when", "while", "only",
    "private", "internal", "external", "guest", "admin", "free", "pro",
];

/// After a preposition, of these nouns a thing has one of several at a time.
pub(super) const ROLES: [&str; 30] = [
    "cause",
    "reason",
    "purpose",
    "name",
    "owner",
    "own",
    "lead",
    "manager",
    "administrator",
    "contact",
    "status",
    "level",
    "default",
    "priority",
    "licence",
    "license",
    "format",
    "address",
    "host",
    "path",
    "version",
    "region",
    "branch",
    "type",
    "role",
    "capital",
    "language",
    "favourite",
    "currency",
    "title",
];

#[rustfmt::skip]
const COLOURS: [&str; 14] = ["red", "blue", "green", "yellow", "black", "white", "grey", "gray", "brown", "orange", "purple", "pink", "silver", "beige"];
#[rustfmt::skip]
const LEVELS: [&str; 6] = ["low", "medium", "high", "critical", "normal", "urgent"];
#[rustfmt::skip]
const LANGUAGES: [&str; 18] = [
    "english", "german", "french", "spanish", "italian", "portuguese", "dutch", "polish", "russian", "japanese", "chinese", "korean", "arabic",
    "turkish", "swedish", "danish", "czech", "ukrainian",
];
const CLASSES: [&[&str]; 3] = [&COLOURS, &LEVELS, &LANGUAGES];

/// What money is called by; where amounts differ it tells nothing.
pub(super) const COSTS: [&str; 12] = [
    "cost", "price", "bill", "charge", "fee", "rate", "pay", "salary", "amount", "budget", "day",
    "come",
];

/// The numbers after these nouns tell one such thing from another.
pub(super) const NUMBERED: [&str; 34] = [
    "ticket",
    "issue",
    "invoice",
    "order",
    "incident",
    "sprint",
    "error",
    "room",
    "customer",
    "pr",
    "request",
    "chapter",
    "page",
    "line",
    "row",
    "step",
    "phase",
    "part",
    "case",
    "section",
    "article",
    "episode",
    "task",
    "bug",
    "story",
    "run",
    "iteration",
    "experiment",
    "lot",
    "batch",
    "flight",
    "gate",
    "figure",
    "appendix",
];

/// The bases of [`FORMS`] but for those that compare.
static BASES: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let forms = FORMS.iter().filter(|(form, _)| !form.ends_with("er"));
    // From the last on, so that the first of two counts.
    forms.rev().copied().collect()
});

/// The base form of an English verb form, if it is one that is known; and whether the form is bare.
pub(super) fn verb(word: &str) -> Option<(&'static str, bool)> {
    let known = |base: &str| VERBS.binary_search(&base).ok().map(|at| VERBS[at]);
    if let Some(base) = BASES.get(word).and_then(|base| known(base)) {
        return Some((base, base == word));
    }
    if let Some(base) = known(word) {
        return Some((base, true));
    }
    let endings: [(&str, &str); 9] = [
        ("ies", "y"),
        ("es", ""),
        ("s", ""),
        ("ied", "y"),
        ("ed", ""),
        ("d", ""),
        ("ing", ""),
        ("ing", "e"),
        ("es", "e"),
    ];
    endings.iter().find_map(|(ending, instead)| {
        let bare = word.strip_suffix(ending)?;
        let single = || {
            let doubled = bare.chars().rev().take(2).collect::<Vec<_>>();
            let is_doubled = doubled.len() == 2 && doubled[0] == doubled[1];
            let half = bare.len().saturating_sub(1);
            bare.get(..half).and_then(known).filter(|_| is_doubled && *ending != "s")
        };
        known(&format!("{bare}{instead}")).or_else(single).map(|base| (base, false))
    })
}

/// The word that stands for an irregular form or a spelling.
pub(super) fn canonical(word: &str) -> Option<&'static str> {
    FORMS.iter().find(|(form, _)| *form == word).map(|(_, base)| *base)
}

/// The words of [`OPPOSITES`], each where it stands first.
static SIDES: LazyLock<HashMap<&str, (&str, bool)>> = LazyLock::new(|| {
    let mut sides = HashMap::new();
    for (one, other) in OPPOSITES {
        let both =
            other.iter().map(|word| (word, true)).chain(one.iter().map(|word| (word, false)));
        for (word, is_second) in both {
            sides.entry(*word).or_insert((one[0], is_second));
        }
    }
    sides
});

/// The concept of a word with an opposite, and whether it is the second side.
pub(super) fn side(word: &str) -> Option<(&'static str, bool)> {
    SIDES.get(word).copied()
}

/// Whether one word is the other with a reversing syllable before it.
pub(super) fn reverses(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    let is_long_enough = |prefix: &str| short.len() >= if prefix == "a" { 7 } else { 4 };
    REVERSING
        .iter()
        .any(|prefix| is_long_enough(prefix) && long.strip_prefix(prefix) == Some(short))
}

pub(super) fn is_qualifier(word: &str) -> bool {
    QUALIFIERS.contains(&word)
}

/// Whether two words are of one class of which a thing has one.
pub(super) fn are_of_one_class(one: &str, other: &str) -> bool {
    CLASSES.iter().any(|class| class.contains(&one) && class.contains(&other))
}
