//! One secret and one near miss, at least, for every line of the table.
//!
//! Nothing here is or was a secret. Vectors are templates, filled in at run time, so that no scanner
//! takes this file for a leak. `<b36>` stands for 36 letters and digits, `<h…>` for hexadecimal,
//! `<c…>` for capitals and digits, `<d…>` for digits, `<s…>` for base64 with slashes; `~` stands for
//! nothing.

use regex::{Captures, Regex};

/// A text with one secret in it.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    pub(super) kind: &'static str,
    pub(super) before: String,
    pub(super) secret: String,
    pub(super) after: String,
}

impl Hit {
    pub(super) fn text(&self) -> String {
        [&*self.before, &self.secret, &self.after].concat()
    }
}

/// Fills in a template.
pub(super) fn fill(template: &str) -> String {
    let places = Regex::new("<([bhcds])([0-9]+)>").expect("a fixed pattern");
    let filled = places.replace_all(template, |place: &Captures<'_>| {
        let alphabet = match &place[1] {
            "b" => "k7QmZ2xVb9LwT4sHdR1fYc8NpJ6gAe3UoiKtBvXy5DrWzMq0hGnSjCuElPaFO",
            "h" => "9f3a07c1e58b2d64",
            "c" => "Q7ZK2MXW4JTLR5NB",
            "d" => "2718281845",
            _ => "aB3/xY7+",
        };
        let length = place[2].parse().expect("digits");
        alphabet.chars().cycle().take(length).collect::<String>()
    });
    filled.replace('~', "")
}

/// Kinds, and texts with one secret of that kind between `«` and `»`.
const HITS: &[(&str, &str)] = &[
    ("memoranda_key", "key «memo~_a1b2c3d4e5f6_<b49>»."),
    ("memoranda_invitation", "take up «memo~invite_<b49>» soon"),
    (
        "private_key",
        "key:\n«-----BEGIN ~PRIVATE KEY-----\n<b64>\n<b40>=\n-----END ~PRIVATE KEY-----»\nis old",
    ),
    (
        "private_key",
        "{\"k\":\"«-----BEGIN ~OPENSSH PRIVATE KEY-----\\n<b70>\\n-----END ~OPENSSH PRIVATE KEY-----»\\n}",
    ),
    (
        "private_key",
        "«-----BEGIN ~RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n<b64>\n-----END ~RSA PRIVATE KEY-----»",
    ),
    (
        "private_key",
        "«-----BEGIN ~PGP PRIVATE KEY BLOCK-----\n\n<b64>\n-----END ~PGP PRIVATE KEY BLOCK-----»",
    ),
    ("private_key", "cut off: «-----BEGIN ~EC PRIVATE KEY-----\n<b64>»"),
    ("age_key", "«AGE-SECRET~-KEY-1<c58>» # mine"),
    ("github_token", "use «gh~p_<b36>» here"),
    ("github_token", "GH_TOKEN=«gh~o_<b36>»"),
    ("github_token", "(«gh~u_<b36>»)"),
    ("github_token", "https://x-access-token:«gh~s_<b36>»@github.com/a/b"),
    ("github_token", "«gh~r_<b76>»\n"),
    ("github_token", "'«github~_pat_<b22>_<b59>»'"),
    ("github_token", "«gh~s_12345_ey~J<b20>.ey~J<b60>.<b43>»"),
    ("jwt", "session: «ey~J<b17>.ey~J<b30>.<b43>», old"),
    ("jwt", "?t=«ey~J<b40>..<b16>.<b64>.<b22>»"),
    ("aws_access_key_id", "id «AK~IA<c16>»,"),
    ("aws_access_key_id", "id «AS~IA<c16>»"),
    ("aws_secret_access_key", "aws_secret_access_key = «<s40>»\n"),
    ("aws_secret_access_key", "\"SecretAccessKey\": \"«<s40>»\""),
    ("azure_key", "AccountName=x;AccountKey=«<b86>==»;Endpoint=y"),
    ("azure_key", "SharedAccessKey=«<b43>=»"),
    ("gitlab_token", "PRIVATE: «gl~pat-<b20>» "),
    ("gitlab_token", "«gl~pat-<b27>.01.<h9>»"),
    ("gitlab_token", "runner «gl~rt-<b20>»"),
    ("google_api_key", "key=«AI~za<b35>»&q=1"),
    ("google_api_key", "gemini «A~Q.<b50>»"),
    ("google_oauth", "«ya~29.<b60>»"),
    ("google_oauth", "\"«GOC~SPX-<b28>»\""),
    ("google_oauth", "refresh «1/~/0<b60>»"),
    ("slack_token", "«xo~xb-<d12>-<d12>-<b24>»"),
    ("slack_token", "«xo~xe.xo~xp-1-<b60>»"),
    ("slack_token", "«xa~pp-1-<c11>-<d13>-<h64>»"),
    ("slack_webhook", "https://hooks.slack~.com/services/«T<c9>/B<c9>/<b24>» posts"),
    ("discord_webhook", "https://discord~.com/api/webhooks/«<d18>/<b68>»"),
    ("telegram_token", "bot «<d10>:A~A<b33>»"),
    ("stripe_key", "«sk~_live_<b24>»"),
    ("stripe_key", "STRIPE=«rk~_live_<b24>»"),
    ("stripe_key", "«sk~_test_<b24>»"),
    ("stripe_key", "signing «wh~sec_<b32>»"),
    ("npm_token", "_authToken=«np~m_<b36>»"),
    ("pypi_token", "«py~pi-AgE~IcHlwaS5vcmc<b80>»"),
    ("anthropic_key", "«sk~-ant-api03-<b93>AA»"),
    ("openai_key", "OPENAI_API_KEY=«sk~-proj-<b30>_<b30>-x»"),
    ("openai_key", "via openrouter «sk~-or-v1-<h64>»"),
    ("openai_key", "«sk~-<b48>»"),
    ("groq_key", "«gs~k_<b52>»"),
    ("xai_key", "«xa~i-<b80>»"),
    ("huggingface_token", "HF_TOKEN=«h~f_<b34>»"),
    ("sendgrid_key", "«S~G.<b22>.<b43>»"),
    ("digitalocean_token", "«do~p_v1_<h64>»"),
    ("docker_token", "docker login -p «dckr~_pat_<b27>»"),
    ("vault_token", "VAULT_TOKEN=«hv~s.<b24>»"),
    ("linear_key", "«lin~_api_<b40>»"),
    ("basic_credentials", "Authorization: Basic «YWdlbnQ6b3Bl~bnMgdGhlIGRvb3I=»\r\n"),
    ("authorization_header", "Authorization: Bearer «q7_2.Kd9~-x.4LmZ»"),
    ("authorization_header", "-H 'authorization: token «<h12>»'"),
    ("bearer_token", "send \"Bearer «<b32>»\""),
    ("url_password", "postgres://app:«hunter~2xyz»@db.internal:5432/prod"),
    ("url_password", "redis://:«p@ss~w0rd#1»@cache"),
    ("url_password", "smtp://me@example.com:«hunter~2xyz»@mail"),
    ("url_password", "postgres://app:«hunter~2xyz»@/db"),
    ("labelled_secret", "DATADOG_API_KEY=«<h32>»\n"),
    ("labelled_secret", "{\\\"password\\\": \\\"«<b24>»\\\"}"),
    ("labelled_secret", "client_secret => '«<b20>-<b9>»'"),
];

/// Texts that begin like a secret of the kind and hold none of any kind.
const NEAR_MISSES: &[(&str, &str)] = &[
    ("memoranda_key", "memo_a1b2c3d4e5f6_<b48> memo_<b12>_<b49>"),
    ("memoranda_invitation", "a code begins memoinvite_ and memoinvite_<b48> is short"),
    ("private_key", "a file that begins -----BEGIN ~PRIVATE KEY----- holds the private half"),
    ("private_key", "-----BEGIN ~PRIVATE KEY-----\nMIIEvQ…\n-----END ~PRIVATE KEY-----"),
    ("private_key", "put it after -----BEGIN ~PRIVATE KEY-----\nThe digest is <h64>"),
    ("age_key", "AGE-SECRET-KEY-1<c57>"),
    ("github_token", "tokens begin ghp_, gho_ or ghs_; ghp_<b35>"),
    ("github_token", "github_pat_for_the_release_pipeline_of_the_core_team"),
    ("jwt", "a JWT has three parts, ey~J….ey~J….…: ey~J<b40>"),
    ("jwt", "ey~J<b20>.ey~J<b5>.<b5>"),
    ("aws_access_key_id", "AKIA<c15> ASIA<c17> ASIAN MARKETS"),
    ("aws_secret_access_key", "set AWS_SECRET_ACCESS_KEY=... from the vault"),
    ("aws_secret_access_key", "the secret access key: <s41>"),
    ("azure_key", "AccountKey=(from the portal);SharedAccessKey=…"),
    ("gitlab_token", "glpat-your-personal-access-token, glrt-<b19>"),
    ("google_api_key", "AIza<b34>"),
    ("google_api_key", "see the FAQ. AQ.<b20>"),
    ("google_oauth", "ya29.your-oauth-access-token, GOCSPX-your-client-secret-here 1//0short"),
    ("slack_token", "xoxb-your-bot-token, xapp-your-app-level-token"),
    ("slack_webhook", "post to hooks.slack.com/services/T000/B000/XXX"),
    ("discord_webhook", "discord.com/api/webhooks/<d18>/…"),
    ("telegram_token", "at <d10>:AA<b10>"),
    ("stripe_key", "sk_live_… task_test_<b20> whsec_<b10>"),
    ("npm_token", "npm_config_registry, npm_<b20>"),
    ("pypi_token", "pypi-AgE…, pypi-AgEIcHlw"),
    ("anthropic_key", "sk-ant-api03-your-key-goes-here-please-ok"),
    ("openai_key", "sk-proj-your-key-goes-here sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
    ("openai_key", "sk-learn, sk-SK, sk-cube-grid, risk-<b24>"),
    ("groq_key", "gsk_<b30>"),
    ("xai_key", "xai-grok-code-fast-1-and-later"),
    ("huggingface_token", "hf_hub_download, hf_<b33>"),
    ("sendgrid_key", "SG.Controllers.Accounts.<b12>"),
    ("digitalocean_token", "dop_v1_<h63>"),
    ("docker_token", "dckr_pat_your_docker_hub_token, dckr_pat_<b12>"),
    ("vault_token", "hvs.your-token-for-the-vault, hvs.<b23>"),
    ("linear_key", "lin_api_key_of_the_team, lin_oauth_<b20>"),
    ("basic_credentials", "Basic authentication is off; basic understanding, Basic <b24>"),
    (
        "authorization_header",
        "Authorization: Bearer authentication; Authorization: Bearer API_TOKEN_2",
    ),
    ("authorization_header", "Authorization: Bearer your-token-1, Authorization: Bearer <token>"),
    ("bearer_token", "the bearer authenticates; Bearer internationalization, Bearer $TOKEN"),
    ("url_password", "pg://u:***@h pg://u:${PW}@h pg://u:$PW@h pg://u:<pw>@h pg://u:{pw}@h"),
    ("url_password", "pg://u:password@h pg://u:%s@h pg://u:…@h pg://u:your-pw@h pg://u:[pw]@h"),
    (
        "url_password",
        "http://host:80/a@b docker://alpine:3.19@sha256:00 ssh://git@host:22 pg://[u[:password]@]h",
    ),
    ("labelled_secret", "password: argon2id, secret=base64url; PASSWORD=... in env"),
    ("labelled_secret", "privateKey: X509RequestInheritOptions, api_key = config.openai2.key1"),
    ("labelled_secret", "password=correct-horse-battery-staple-and-24-more-words"),
];

pub(super) fn hits() -> Vec<Hit> {
    let hit = |&(kind, template): &(&'static str, &str)| {
        let (before, rest) = template.split_once('«').expect("a mark");
        let (secret, after) = rest.split_once('»').expect("its end");
        Hit { kind, before: fill(before), secret: fill(secret), after: fill(after) }
    };
    HITS.iter().map(hit).collect()
}

pub(super) fn near_misses() -> Vec<(&'static str, String)> {
    NEAR_MISSES.iter().map(|(kind, text)| (*kind, fill(text))).collect()
}
