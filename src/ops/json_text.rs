//! On which line of a JSON text a field stands, for people who wrote it by hand.

/// The line, from 1, of the field of a path such as `rules[2].name`; of what holds it where it isn't
/// there. The text must be JSON.
pub(super) fn line_of(text: &str, path: &str) -> usize {
    let mut reader = Reader { text: text.as_bytes(), at: 0 };
    let steps = path.split(['.', '[']).map(|step| step.trim_end_matches(']'));
    for step in steps {
        if !reader.enter(step) {
            break;
        }
    }
    reader.blank();
    text.get(..reader.at).unwrap_or(text).matches('\n').count() + 1
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
}

impl Reader<'_> {
    fn next(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or_default()
    }

    fn blank(&mut self) {
        while self.next().is_ascii_whitespace() {
            self.at += 1;
        }
    }

    /// Goes to a field or an item of the value that begins here. `false`, and it stays, where there
    /// is none.
    fn enter(&mut self, step: &str) -> bool {
        let begin = self.at;
        self.blank();
        let is_object = self.next() == b'{';
        if !is_object && self.next() != b'[' {
            self.at = begin;
            return false;
        }
        self.at += 1;
        for place in 0.. {
            self.blank();
            if matches!(self.next(), b'}' | b']' | 0) {
                break;
            }
            let mut is_wanted = step.parse() == Ok(place);
            if is_object {
                let name = self.at;
                self.skip();
                is_wanted = self.text.get(name + 1..self.at - 1) == Some(step.as_bytes());
                if is_wanted {
                    // The name and its value: a value on the next line is still found by its name.
                    self.blank();
                    self.at += 1;
                    return true;
                }
                self.blank();
                self.at += 1;
            }
            if is_wanted {
                return true;
            }
            self.skip();
            self.blank();
            if self.next() == b',' {
                self.at += 1;
            }
        }
        self.at = begin;
        false
    }

    /// Passes the value that begins here.
    fn skip(&mut self) {
        self.blank();
        let mut depth = 0_usize;
        while self.at < self.text.len() {
            match self.next() {
                b'"' => self.skip_text(),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' | b',' | b':' if depth == 0 => return,
                b'}' | b']' => {
                    depth -= 1;
                    self.at += 1;
                }
                _ => {
                    self.at += 1;
                    continue;
                }
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn skip_text(&mut self) {
        self.at += 1;
        while self.at < self.text.len() && self.next() != b'"' {
            self.at += if self.next() == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::line_of;

    const TEXT: &str = r#"{
  "first": { "a": "} \" ,", "b": [1, {}, []] },
  "rules": [
    { "name": "one" },
    {
      "name": "two",
      "match": { "tags": ["x",
        "y"] }
    }
  ],
  "last": true
}"#;

    #[test]
    fn a_field_is_found_on_its_line() {
        for (path, line) in [
            ("first", 2),
            ("first.b[1]", 2),
            ("rules", 3),
            ("rules[0].name", 4),
            ("rules[1]", 5),
            ("rules[1].name", 6),
            ("rules[1].match.tags[0]", 7),
            ("rules[1].match.tags[1]", 8),
            ("last", 11),
        ] {
            assert_eq!(line_of(TEXT, path), line, "{path}");
        }
    }

    #[test]
    fn what_is_not_there_is_on_the_line_of_what_should_hold_it() {
        for (path, line) in
            [("rules[0].expire_after", 4), ("rules[1].expire_after", 5), ("rules[7]", 3), ("x", 1)]
        {
            assert_eq!(line_of(TEXT, path), line, "{path}");
        }
        assert_eq!(line_of("", "a"), 1);
        assert_eq!(line_of("7", "a.b[0]"), 1);
    }
}
