//! A form with a file in it: `multipart/form-data` (RFC 7578), read whole.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;

use crate::core::error::{Error, Result};

/// A file of a form.
pub(super) struct File {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// The file in the field `file` of a form.
///
/// # Errors
/// `INVALID_ARGUMENT` for what is no such form, or one without that field.
pub(super) fn file(headers: &HeaderMap, body: &[u8]) -> Result<File> {
    let no_form = || {
        Error::invalid(
            "body",
            "must be a form, multipart/form-data, with the file in the field `file`",
        )
        .with_fix("send it as a browser or `curl -F file=@notes.md` does")
    };
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let (media, _) = kind.split_once(';').unwrap_or((kind, ""));
    if !media.trim().eq_ignore_ascii_case("multipart/form-data") {
        return Err(no_form());
    }
    let boundary = parameter(kind, "boundary").filter(|text| (1..=70).contains(&text.len()));
    let mark = format!("--{}", boundary.ok_or_else(no_form)?);
    let mark = mark.as_bytes();
    // What stands before the first boundary is nothing.
    let mut rest = &body[find(body, mark).ok_or_else(no_form)? + mark.len()..];
    let closing = [b"\r\n", mark].concat();
    while !rest.starts_with(b"--") {
        let head = find(rest, b"\r\n\r\n").ok_or_else(no_form)?;
        let content = &rest[head + 4..];
        let end = find(content, &closing).ok_or_else(|| {
            Error::invalid("body", "must be a whole form, and it ends before its last boundary")
        })?;
        let head =
            std::str::from_utf8(&rest[..head]).map_err(|error| no_form().with_cause(error))?;
        if let Some(disposition) = disposition(head)
            && parameter(disposition, "name").as_deref() == Some("file")
        {
            let name = parameter(disposition, "filename").unwrap_or_default();
            return Ok(File { name: last_part(&name).to_owned(), bytes: content[..end].to_vec() });
        }
        rest = &content[end + closing.len()..];
    }
    Err(Error::invalid("file", "is required"))
}

fn disposition(head: &str) -> Option<&str> {
    head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })
}

/// A parameter of a header's value, quoted or not.
fn parameter(value: &str, wanted: &str) -> Option<String> {
    let mut rest = value;
    while let Some((_, after)) = rest.split_once(';') {
        rest = after;
        let (name, text) = after.split_once('=')?;
        if !name.trim().eq_ignore_ascii_case(wanted) {
            continue;
        }
        let text = text.trim_start();
        let Some(quoted) = text.strip_prefix('"') else {
            return Some(text.split(';').next().unwrap_or_default().trim().to_owned());
        };
        let mut found = String::new();
        let mut chars = quoted.chars();
        while let Some(c) = chars.next() {
            match c {
                '"' => return Some(found),
                '\\' => found.extend(chars.next()),
                c => found.push(c),
            }
        }
        return None;
    }
    None
}

/// The name without folders, as some programs send them along.
fn last_part(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or_default()
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn read(kind: &str, body: &str) -> Result<(String, String)> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_str(kind).expect("a value"));
        let file = file(&headers, body.as_bytes())?;
        Ok((file.name, String::from_utf8(file.bytes).expect("text")))
    }

    const KIND: &str = "multipart/form-data; boundary=\"xyz\"";

    #[test]
    fn the_file_of_a_form_is_read_byte_for_byte() {
        let body = "before\r\n--xyz\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n1\r\n--xyz\r\n\
                    content-type: text/plain\r\ncontent-disposition: form-data; name=file; \
                    filename=\"C:\\\\docs\\\\a \\\"b\\\".txt\"\r\n\r\none\r\n\r\n--xy two\r\n--xyz--\r\n";

        let (name, text) = read(KIND, body).expect("a file");

        assert_eq!((name.as_str(), text.as_str()), ("a \"b\".txt", "one\r\n\r\n--xy two"));
    }

    #[test]
    fn what_is_no_form_or_none_with_a_file_is_refused() {
        let without = "--xyz\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n1\r\n--xyz--";
        let cut_off = "--xyz\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nabc";
        for (kind, body, field) in [
            ("application/json", "{}", "`body`"),
            ("multipart/form-data", without, "`body`"),
            ("multipart/form-data; boundary=", without, "`body`"),
            (KIND, "", "`body`"),
            (KIND, "--xyz", "`body`"),
            (KIND, cut_off, "`body`"),
            (KIND, without, "`file`"),
            (KIND, "--xyz--", "`file`"),
        ] {
            let Err(error) = read(kind, body) else { panic!("{kind} {body}") };
            assert!(error.message().starts_with(field), "{kind} {body}: {}", error.message());
        }
    }
}
