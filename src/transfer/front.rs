//! YAML front matter: read by a real parser, written in a strict subset that every parser reads.

use std::fmt::Write as _;

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Number, Value};

/// The most bytes of front matter that are read.
const MOST_BYTES: usize = 64 * 1024;

/// How deep lists and maps may lie in one another.
const MOST_DEPTH: usize = 8;

/// The fields of a text's front matter, and the text itself.
pub type Parts<'t> = (Map<String, Value>, &'t str);

/// A text with front matter: its fields, and the rest as it stands after the closing line.
///
/// `None` where it has none.
///
/// # Errors
/// Why the front matter can't be read.
pub fn parted(text: &str) -> Result<Option<Parts<'_>>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Some(inner) = ["---\n", "---\r\n"].iter().find_map(|open| text.strip_prefix(open)) else {
        return Ok(None);
    };
    let mut end = 0;
    for line in inner.split_inclusive('\n') {
        if line.trim_end() == "---" {
            let rest = &inner[end + line.len()..];
            return Ok(Some((fields(&inner[..end])?, rest)));
        }
        end += line.len();
    }
    // A line of dashes at the beginning of a text is no front matter.
    Ok(None)
}

/// The fields of a YAML map.
///
/// # Errors
/// Why they can't be read.
pub fn fields(yaml: &str) -> Result<Map<String, Value>, String> {
    if yaml.len() > MOST_BYTES {
        return Err(format!("has front matter of more than {MOST_BYTES} bytes"));
    }
    match Reader(Parser::new_from_str(yaml)).document()? {
        Value::Object(fields) => Ok(fields),
        Value::Null => Ok(Map::new()),
        _ => Err("has front matter that is no map of fields".to_owned()),
    }
}

/// Fields as front matter, its two lines of dashes included. Texts stand in double quotes, so that
/// none is read as something else.
#[must_use]
pub fn written(fields: &[(&str, Value)]) -> String {
    let mut out = String::from("---\n");
    for (name, value) in fields {
        let _ = writeln!(out, "{name}: {}", flow(value));
    }
    out.push_str("---\n");
    out
}

/// A value in YAML's flow style, which is JSON's but for some characters.
fn flow(value: &Value) -> String {
    let mut out = String::new();
    for c in value.to_string().chars() {
        // Allowed in JSON as they are, line ends or forbidden in YAML.
        let is_special = ('\u{7f}'..='\u{9f}').contains(&c)
            || ['\u{2028}', '\u{2029}', '\u{feff}', '\u{fffe}', '\u{ffff}'].contains(&c);
        if is_special {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// Reads the events of a parser as a value.
struct Reader<'a>(Parser<'a, saphyr_parser::StrInput<'a>>);

impl<'a> Reader<'a> {
    fn document(&mut self) -> Result<Value, String> {
        loop {
            match self.event()? {
                Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
                Event::StreamEnd | Event::DocumentEnd => return Ok(Value::Null),
                event => return self.value(event, 0),
            }
        }
    }

    fn event(&mut self) -> Result<Event<'a>, String> {
        match self.0.next_event() {
            Some(Ok((event, _))) => Ok(event),
            Some(Err(error)) => {
                // Its own words may repeat the text.
                Err(format!(
                    "has front matter that is no YAML, at its line {}",
                    error.marker().line()
                ))
            }
            None => Ok(Event::StreamEnd),
        }
    }

    fn value(&mut self, event: Event<'a>, depth: usize) -> Result<Value, String> {
        if depth > MOST_DEPTH {
            return Err(format!("has front matter more than {MOST_DEPTH} levels deep"));
        }
        match event {
            Event::Scalar(text, ScalarStyle::Plain, _, None) => Ok(plain(&text)),
            Event::Scalar(text, ..) => Ok(Value::String(text.into_owned())),
            Event::SequenceStart(..) => {
                let mut list = Vec::new();
                loop {
                    match self.event()? {
                        Event::SequenceEnd => return Ok(Value::Array(list)),
                        event => list.push(self.value(event, depth + 1)?),
                    }
                }
            }
            Event::MappingStart(..) => {
                let mut fields = Map::new();
                loop {
                    let name = match self.event()? {
                        Event::MappingEnd => return Ok(Value::Object(fields)),
                        Event::Scalar(name, ..) => name.into_owned(),
                        _ => return Err("has front matter with a name that is no text".to_owned()),
                    };
                    let event = self.event()?;
                    let value = self.value(event, depth + 1)?;
                    fields.insert(name, value);
                }
            }
            // A few lines of them can stand for more than memory holds.
            Event::Alias(_) => Err("has front matter with aliases".to_owned()),
            _ => Err("has front matter that ends early".to_owned()),
        }
    }
}

/// A plain scalar as YAML's core schema reads it.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    if let Ok(whole) = text.parse::<i64>() {
        return Value::from(whole);
    }
    let looks_like_a_number =
        text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let real = text.parse::<f64>().ok().filter(|_| looks_like_a_number);
    real.and_then(Number::from_f64).map_or_else(|| Value::from(text), Value::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn front_matter_is_parted_from_the_text() {
        let (fields, rest) = parted("---\ntitle: Tea\ntags: [a, b]\n---\n\nText\n---\nmore")
            .expect("reads")
            .expect("has some");

        assert_eq!(Value::Object(fields), json!({ "title": "Tea", "tags": ["a", "b"] }));
        assert_eq!(rest, "\nText\n---\nmore");
    }

    #[test]
    fn a_text_without_it_has_none() {
        for text in ["Text", "", "---", "--- \ntext", "---\nno end", "text\n---\na: b\n---\n"] {
            assert_eq!(parted(text), Ok(None), "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let texts = [
            "plain",
            "",
            " ",
            "null",
            "true",
            "7",
            "1e3",
            "a: b",
            "# no",
            "- x",
            "'\"\\",
            "*a",
            "&a",
            "!tag",
            "%",
            "@",
            "`",
            "|",
            ">",
            "ü\u{1f375}",
            "two\nlines\r\n",
            "\t",
            "\u{7f}\u{85}",
            "\u{2028}\u{2029}\u{feff}",
            "---",
            "...",
            "{{ x }}",
            "\u{0}\u{1b}",
        ];
        for text in texts {
            let value =
                json!({ "text": text, "list": [text, 0.123_456_789_012_345_67, null, true] });

            let yaml = written(&[("value", value.clone())]);
            let (fields, rest) = parted(&yaml).expect("reads").expect("has some");

            assert_eq!((&fields["value"], rest), (&value, ""), "{yaml}");
        }
    }

    #[test]
    fn people_write_it_in_other_styles() {
        let yaml = "title: 'It''s'\ntags:\n  - one\n  - \"two\"\nwhen: 2026-01-02\nn: 0.5\nyes: no\n\
                    text: |\n  a\n  b\nempty:\nx_memanto:\n  id: m1\n";

        let fields = fields(yaml).expect("reads");

        let expected = json!({
            "title": "It's", "tags": ["one", "two"], "when": "2026-01-02", "n": 0.5, "yes": "no",
            "text": "a\nb\n", "empty": null, "x_memanto": { "id": "m1" },
        });
        assert_eq!(Value::Object(fields), expected);
    }

    #[test]
    fn what_could_grow_or_cannot_be_read_is_refused() {
        let deep = format!("a: {}{}", "[".repeat(20), "]".repeat(20));
        let large = format!("a: {}", "x".repeat(MOST_BYTES));
        for bad in ["a: &x [1]\nb: *x", "a: [1", "a: \"x", "- 1", "7", "? [a]\n: b", &deep, &large]
        {
            assert!(fields(bad).is_err(), "{bad:.40}");
        }
    }
}
