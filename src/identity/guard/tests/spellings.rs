//! Names: those that are refused, those that only sound like it, and tricks of spelling.

use crate::identity::guard::names;

#[test]
fn names_of_secrets_are_refused_in_every_spelling() {
    let names = "
        password passwd pwd passphrase secret secrets token cookie cookies bearer
        authorization credential credentials apikey privatekey accesskey secretkey
        clientsecret api_key access-key secret.key client_secret connectionString
        db_password newPassword APIKEY ApiKey APIKey APIkey X-Api-Key OPENAI_API_KEY
        openaiApiKey accessToken accesstoken HTTPToken oauth2Token OAUTHtoken
        refresh_token session_token Proxy-Authorization Set-Cookie signing_key
        encryptionKey masterkey passcode passwords api_keys apikeys pass_word PassWord
        password2 api_key_1 password_ $password user[password] secret: max_token";
    let spaced = ["private key", "auth token", "connection string"];
    for name in names.split_whitespace().chain(spaced) {
        assert!(names::is_refused(name), "{name}");
    }
}

#[test]
fn names_that_only_sound_alike_pass() {
    let names = "
        max_tokens maxTokens token_count tokens next_token nextToken page_token
        nextPageToken next_page_token pagetoken cursor_token continuation_token
        continuationToken tokenizer secretary password_policy cookie_policy is_secret
        isSecret has_password needs_token requires_api_key key keys public_key key_id
        access_key_id secret_name monkey turkey api authorization_url preauthorization
        torchbearer compass_word passwordless authored_by primary_key sort_key ssh_key
        session_key string author _ 42 字段 photo_ken";
    for name in names.split_whitespace().chain([""]) {
        assert!(!names::is_refused(name), "{name}");
    }
}

#[test]
fn invisible_and_full_width_letters_hide_no_name() {
    for name in [
        "pass\u{200B}word",
        "\u{FEFF}token",
        "api\u{AD}_key",
        "pass\u{0}word",
        "ｐａｓｓｗｏｒｄ",
        "ａｐｉ＿ｋｅｙ",
        "ＡＰＩＫＥＹ",
        "to\u{2060}ken\u{FE0F}",
        "pa\u{301}ssword",
        "api\nkey",
        "api\u{A0}key",
        "api_\u{212A}ey",
    ] {
        assert!(names::is_refused(name), "{name:?}");
    }
}

#[test]
fn only_a_whole_mark_excuses_a_name() {
    for name in ["[redacted:token", "[redacted:", "[redacted:jwt]token", "redacted:jwt]token"] {
        assert_eq!(names::is_refused(name), name.ends_with("token"), "{name}");
    }
}
