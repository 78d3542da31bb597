//! What a secret looks like: one table of the formats that issuers publish. `search.rs` looks for
//! them.
//!
//! A format earns its line by being hard to write by accident: a fixed prefix and a long random
//! body, or a label and such a body. Left out on purpose:
//!
//! - short labelled passwords (`password=hunter2xyz`): notes about software are full of `password:
//!   argon2id` and `token=base64url`, and nothing tells them apart;
//! - Twilio's `SK…` and `AC…`, Stripe's `pk_…`: identifiers and publishable keys;
//! - hexadecimal or base64 without prefix or label: digests, commits and ids look the same.
//!
//! A value of full length is taken at its word even if it is a sample from someone's documentation;
//! who writes about a format can shorten it (`ghp_…`).

use regex::Captures;

/// One form of secret.
pub(super) struct Format {
    /// What findings and redactions call it; several forms may share a kind.
    pub(super) kind: &'static str,
    /// How it begins. All beginnings are searched for together, so they stay short: that automaton
    /// must stay small.
    pub(super) start: &'static str,
    /// What follows directly, in linear time. A group named `secret` is the part to hide; without
    /// one it is all.
    ///
    /// Case folding and word boundaries are the ASCII ones, `(?i-u:…)` and `(?-u:\b)`: Unicode
    /// boundaries keep the engine from its fast path in any text that isn't ASCII.
    pub(super) rest: &'static str,
    /// What a pattern can't say; a match that fails it is no secret.
    pub(super) check: Check,
}

/// Looks at a match more closely than a regular expression can.
pub(super) type Check = fn(&Captures<'_>) -> bool;

/// The built-in formats, specific before general: of two that begin at one place, the earlier names
/// the kind.
pub(super) const FORMATS: &[Format] = &[
    // Memoranda's own: `memo_<key id>_<secret and checksum>`.
    format("memoranda_key", r"memo_", r"[a-z0-9]{12}_[A-Za-z0-9]{49}"),
    // Whoever has it becomes a member of the team.
    format("memoranda_invitation", r"memoinvite_", r"[A-Za-z0-9]{49}"),
    // RFC 7468 and its older kin: PKCS#1, PKCS#8, SEC 1, OpenSSH, PGP; line ends may be written
    // `\n`. A line of base64 tells a key from a sentence about its header. The body can't cross
    // another header, so that many of them take no longer than one.
    format(
        "private_key",
        r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY",
        r"(?: BLOCK)?-----(?:[^-]|-[^-])*[A-Za-z0-9+/=]{40}(?:[^-]|-[^-])*-----END [A-Z0-9 ]+-----",
    ),
    // The same, cut off: the lines of base64 that directly follow the header.
    format(
        "private_key",
        r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY",
        r"(?: BLOCK)?-----(?:\s|\\[nr])*[A-Za-z0-9+/=]{40,}(?:(?:\s|\\[nr])+[A-Za-z0-9+/=]{16,})*",
    ),
    // age identities, Bech32 in capitals.
    format("age_key", r"AGE-SECRET-KEY-1", r"[0-9A-Z]{58}"),
    // GitHub: personal, OAuth, user, server and refresh tokens; fine-grained ones; installation
    // tokens that hold a JWT (2026).
    format("github_token", r"gh[pousr]_", r"[A-Za-z0-9]{36,}"),
    format("github_token", r"github_pat_", r"[A-Za-z0-9]{20,}[A-Za-z0-9_]*"),
    format("github_token", r"ghs_", r"[A-Za-z0-9_]*eyJ[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]{8,}){2}"),
    // JWS (RFC 7515), compact. Header and claims are JSON objects: `eyJ` is base64url of `{"` and
    // of nothing else.
    format("jwt", r"eyJ", r"[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{8,}"),
    // JWE (RFC 7516), compact: five parts, the second empty for a direct key.
    format("jwt", r"eyJ", r"[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]{8,}){3}"),
    // AWS access key ids, long-lived and temporary. An id isn't the secret, but it is what scanners
    // act on.
    format("aws_access_key_id", r"(?-u:\b)(?:AKIA|ASIA)", r"[A-Z0-9]{16}(?-u:\b)"),
    // AWS secret keys: 40 characters of base64, told from a digest only by their label.
    format(
        "aws_secret_access_key",
        r"(?i-u:secret[_ -]?access[_ -]?key|aws[_ -]?secret[_ -]?key)",
        r#"["'`\\]{0,2}[ \t]{0,4}[:=>]{1,2}[ \t]{0,4}["'`\\]{0,2}(?P<secret>[A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$)"#,
    ),
    // Azure Storage and Service Bus connection strings.
    format(
        "azure_key",
        r"(?:Account|SharedAccess)Key=",
        r"(?P<secret>[A-Za-z0-9+/]{40,}={0,2})",
    ),
    // GitLab: personal, deploy, runner, job, trigger, feed, mail, agent and OAuth tokens, routable
    // ones included.
    format(
        "gitlab_token",
        r"(?-u:\b)gl(?:pat|dt|rt|rtr|cbt|ptt|ft|imt|agent|oas|soat|ffct)-",
        r"[A-Za-z0-9_-]{20,}(?:\.[a-z0-9]{2,12}){0,2}",
    )
    .only_if(is_coded),
    // Google API keys, and the auth keys that follow them.
    format("google_api_key", r"AIza", r"[A-Za-z0-9_-]{35}"),
    format("google_api_key", r"(?-u:\b)AQ\.", r"[A-Za-z0-9_-]{35,}").only_if(is_coded),
    // Google OAuth: access tokens, client secrets, refresh tokens.
    format("google_oauth", r"(?-u:\b)ya29\.", r"[A-Za-z0-9_-]{20,}").only_if(is_coded),
    format("google_oauth", r"GOCSPX-", r"[A-Za-z0-9_-]{20,}").only_if(is_coded),
    format("google_oauth", r"(?-u:\b)1//0", r"[A-Za-z0-9_-]{40,}"),
    // Slack: bot, user, workspace, refresh and configuration tokens, app-level tokens.
    format("slack_token", r"(?-u:\b)xox[a-z](?:\.xox[a-z])?-", r"[A-Za-z0-9%-]{10,}")
        .only_if(has_digit),
    format("slack_token", r"(?-u:\b)xapp-", r"[A-Za-z0-9-]{20,}").only_if(has_digit),
    // Slack's webhooks and triggers, and Discord's: who has the URL can post.
    format(
        "slack_webhook",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/",
        r"(?P<secret>[A-Za-z0-9/]{20,})",
    ),
    format(
        "discord_webhook",
        r"discord(?:app)?\.com/api/webhooks/",
        r"(?P<secret>[0-9]{15,}/[A-Za-z0-9_-]{50,})",
    ),
    // Telegram bots: the bot's number and 35 characters that begin `AA`.
    format("telegram_token", r"(?-u:\b)[0-9]{8,10}:AA", r"[A-Za-z0-9_-]{32,}"),
    // Stripe: secret and restricted keys, live and test; signing secrets of webhooks.
    format("stripe_key", r"(?-u:\b)[sr]k_(?:live|test)_", r"[A-Za-z0-9]{16,}"),
    format("stripe_key", r"(?-u:\b)whsec_", r"[A-Za-z0-9+/]{24,}={0,2}"),
    // npm access tokens.
    format("npm_token", r"(?-u:\b)npm_", r"[A-Za-z0-9]{36,}"),
    // PyPI tokens: macaroons, which begin alike.
    format("pypi_token", r"pypi-AgE", r"[A-Za-z0-9_-]{16,}"),
    // Anthropic API and admin keys. The solid run tells a key from `sk-ant-your-key-goes-here`.
    format("anthropic_key", r"(?-u:\b)sk-ant-", r"[A-Za-z0-9_-]*[A-Za-z0-9]{16}[A-Za-z0-9_-]*"),
    // OpenAI keys by project, service account and administrator; OpenRouter's take after them.
    format(
        "openai_key",
        r"(?-u:\b)sk-(?:proj|svcacct|admin|or)-",
        r"[A-Za-z0-9_-]*[A-Za-z0-9]{16}[A-Za-z0-9_-]*",
    ),
    // OpenAI's first form, used by many others since. With so short a prefix it must hold digits.
    format("openai_key", r"(?-u:\b)sk-", r"[A-Za-z0-9]{20,}").only_if(has_digit),
    // Groq and xAI keys.
    format("groq_key", r"(?-u:\b)gsk_", r"[A-Za-z0-9]{40,}"),
    format("xai_key", r"(?-u:\b)xai-", r"[A-Za-z0-9]{60,}"),
    // Hugging Face user tokens, and the older ones of organisations.
    format("huggingface_token", r"(?-u:\b)(?:hf|api_org)_", r"[A-Za-z0-9]{34,}"),
    // SendGrid keys: an id of 22 characters and a secret of 43.
    format("sendgrid_key", r"(?-u:\b)SG\.", r"[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{30,}"),
    // DigitalOcean personal, OAuth and refresh tokens.
    format("digitalocean_token", r"(?-u:\b)do[opr]_v1_", r"[a-f0-9]{64}"),
    // Docker Hub personal and organisation access tokens.
    format("docker_token", r"dckr_[op]at_", r"[A-Za-z0-9_-]{20,}").only_if(is_coded),
    // HashiCorp Vault service, batch and recovery tokens.
    format("vault_token", r"(?-u:\b)hv[sbr]\.", r"[A-Za-z0-9_-]{24,}").only_if(is_coded),
    // Linear API keys and OAuth tokens.
    format("linear_key", r"(?-u:\b)lin_(?:api|oauth)_", r"[A-Za-z0-9]{32,}"),
    // HTTP Basic (RFC 7617), wherever it stands: base64 of `user:password`.
    format(
        "basic_credentials",
        r"(?i-u:\bbasic)[ \t]",
        r"[ \t]*(?P<secret>[A-Za-z0-9+/]{8,}={0,2})",
    )
    .only_if(is_basic),
    // An `Authorization` or `Proxy-Authorization` line with a scheme.
    format(
        "authorization_header",
        r#"(?i-u:\bauthorization)["'`\\]{0,2}[ \t]*[:=]"#,
        r#"[ \t]*["'`\\]{0,2}(?i-u:bearer|basic|token|bot|api-?key)[ \t]+(?P<secret>[A-Za-z0-9._~+/=-]{8,})"#,
    )
    .only_if(is_header_value),
    // A bearer token (RFC 6750) without the header's name: only with a long solid run.
    format(
        "bearer_token",
        r"(?i-u:\bbearer)[ \t]",
        r"[ \t]*(?P<secret>[A-Za-z0-9._~+/-]*[A-Za-z0-9]{20}[A-Za-z0-9._~+/=-]*)",
    )
    .only_if(is_random),
    // URLs with a password (RFC 3986, 3.2.1). The last `@` ends it: people forget to encode one.
    // User names may be e-mail addresses, and hosts empty (a local socket).
    format(
        "url_password",
        r"://",
        r#"[^\s/?#:"'`<>\\]*:(?P<secret>[^\s/?"'`<>\\]+)@(?P<host>[^\s/@]{0,7})"#,
    )
    .only_if(is_url_password),
    // An assignment of something random to a name that says secret, in any notation.
    format(
        "labelled_secret",
        r#"(?i-u:password|passwd|passphrase|secret|(?:api|secret|private)[_-]?key|(?:access|auth|api|bearer|refresh|session)[_-]?token|authorization)["'`\\]{0,2}[ \t]{0,4}[:=]"#,
        r#"[=>]?[ \t]{0,4}["'`\\]{0,2}(?P<secret>[A-Za-z0-9_+/=~-]*[A-Za-z0-9]{20}[A-Za-z0-9_+/=~-]*)"#,
    )
    .only_if(is_random),
];

/// A format whose pattern says it all.
const fn format(kind: &'static str, start: &'static str, rest: &'static str) -> Format {
    Format { kind, start, rest, check: |_| true }
}

impl Format {
    const fn only_if(self, check: Check) -> Self {
        Self { check, ..self }
    }
}

/// A stand-in is made of words: `xoxb-your-bot-token`.
fn has_digit(captures: &Captures<'_>) -> bool {
    digits(&captures[0]) > 0
}

/// The same where prefixes hold no digit but bodies may lack them: a mixture, or a run longer than
/// a word.
fn is_coded(captures: &Captures<'_>) -> bool {
    let (_, body) = captures[0].split_once(['-', '_', '.']).unwrap_or_default();
    digits(body) > 0 || has_both_cases(body) || runs(body).any(|run| run.len() >= 16)
}

/// Base64 of printable text with a colon; `basic authentication` decodes to noise.
fn is_basic(captures: &Captures<'_>) -> bool {
    let mut text = Vec::new();
    let mut bits = 0_u32;
    for (at, letter) in captures["secret"].trim_end_matches('=').bytes().enumerate() {
        let six = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            _ => 63,
        };
        bits = bits << 6 | u32::from(six);
        // The first letter of four completes no byte; each of the others completes one.
        if at % 4 > 0 {
            text.push((bits >> (6 - 2 * (at % 4))).to_le_bytes()[0]);
        }
    }
    text.contains(&b':')
        && std::str::from_utf8(&text).is_ok_and(|text| !text.contains(char::is_control))
}

/// A value after a scheme, not a word of prose (`Bearer authentication`) or a name for one
/// (`YOUR_TOKEN`).
fn is_header_value(captures: &Captures<'_>) -> bool {
    let value = &captures["secret"];
    let is_variable = value.contains('_') && !value.contains(|c: char| c.is_ascii_lowercase());
    let is_solid = runs(value).any(|run| run.len() > 20);
    // One digit is found in words, too: `argon2id`.
    let is_value = digits(value) > 1 || digits(value) > 0 && has_both_cases(value) || is_solid;
    is_value && !is_variable && !is_yours(value)
}

/// A solid run with digits strewn among its letters: identifiers in code have separators, or their
/// digits together.
fn is_random(captures: &Captures<'_>) -> bool {
    let clusters = |run: &str| {
        let parts = run.split(|c: char| c.is_ascii_alphabetic());
        parts.filter(|digits| !digits.is_empty()).count()
    };
    runs(&captures["secret"]).any(|run| run.len() >= 20 && clusters(run) > 1)
}

/// Something other than a stand-in: `***`, `$PASSWORD`, `{password}`, `%s`, or the word itself,
/// which guards nothing.
fn is_url_password(captures: &Captures<'_>) -> bool {
    let password = &captures["secret"];
    // Brackets, for `scheme://[user[:password]@]host`.
    let bare = password.trim_matches(['[', ']']);
    let is_word =
        ["password", "passwd", "pass", "pwd"].iter().any(|word| bare.eq_ignore_ascii_case(word));
    let is_mask = password.chars().all(|c| "*.xX_-…•".contains(c));
    let is_variable = match password.as_bytes() {
        [b'$', b'{' | b'(', ..]
        | [b'#', b'{', ..]
        | [b'%', b'(', ..]
        | [b'{', .., b'}']
        | [b'[', .., b']']
        | [b'%', .., b'%']
        | [b'%', b's' | b'v'] => true,
        [b'$', name @ ..] => name.iter().all(|c| c.is_ascii_uppercase() || *c == b'_'),
        _ => false,
    };
    // `docker://alpine:3.19@sha256:…` is an image.
    let is_digest = matches!(&captures["host"], "sha256:" | "sha512:");
    !(is_word || is_mask || is_variable || is_digest || is_yours(password))
}

/// Whether a value is of the kind `your-token-here`.
fn is_yours(value: &str) -> bool {
    value.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("your"))
}

fn has_both_cases(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_lowercase())
        && text.contains(|c: char| c.is_ascii_uppercase())
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
}
