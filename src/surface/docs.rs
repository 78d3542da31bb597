//! The OpenAPI document as a page for people: `/docs`.
//!
//! The one idea: the page is made from the document and from nothing else, and holds all that it
//! needs. It runs no script and asks nobody for anything, and its policy forbids both.

use std::fmt::Write as _;
use std::sync::OnceLock;

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::openapi;
use super::schema_words::{kind, rules, sample};
use crate::ops::spec::Toolset;

const STYLE: &str = include_str!("docs.css");

struct Page {
    html: String,
    policy: HeaderValue,
}

/// The page, with a policy that allows its own style and nothing else.
pub(super) fn answer() -> Response {
    static PAGE: OnceLock<Page> = OnceLock::new();
    let page = PAGE.get_or_init(|| {
        let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'"
        );
        let policy = HeaderValue::from_str(&policy).expect("base64 is plain");
        Page { html: html(openapi::document()), policy }
    });
    let mut response = Response::new(Body::from(page.html.as_str()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, page.policy.clone());
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// One operation of the document, where it stands there.
struct Operation<'a> {
    path: &'a str,
    method: &'a str,
    of: &'a Value,
}

impl Operation<'_> {
    fn id(&self) -> &str {
        self.of["operationId"].as_str().unwrap_or_default()
    }

    fn is_of(&self, toolset: &str) -> bool {
        self.of["tags"].as_array().is_some_and(|tags| tags.iter().any(|tag| tag == toolset))
    }
}

fn html(document: &Value) -> String {
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, of) in methods.as_object().into_iter().flatten() {
            operations.push(Operation { path, method, of });
        }
    }
    let (mut nav, mut main) = (String::new(), String::new());
    for toolset in Toolset::ALL.map(Toolset::as_str) {
        let of_it: Vec<&Operation> =
            operations.iter().filter(|operation| operation.is_of(toolset)).collect();
        if of_it.is_empty() {
            continue;
        }
        let _ = write!(nav, "<strong>{toolset}</strong>");
        let _ = write!(main, "<section><h2 id=\"toolset-{toolset}\">{toolset}</h2>");
        for operation in of_it {
            let id = operation.id();
            let _ = write!(nav, "<a href=\"#{id}\"><code>{id}</code></a>");
            article(&mut main, operation, document);
        }
        main.push_str("</section>");
    }
    let info = &document["info"];
    let (title, summary) = (escaped(&info["title"]), escaped(&info["summary"]));
    let version = escaped(&info["version"]);
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} {version}: REST</title><style>{STYLE}</style></head><body>\
         <div class=\"page\"><nav aria-label=\"Operations\">{nav}</nav>\
         <main><h1>{title} <span class=\"quiet\">{version}</span></h1><p>{summary}.</p>{HOW}{main}\
         </main></div></body></html>"
    )
}

const HOW: &str = "\
<p>Each operation answers here over REST, and by the same name as a tool over MCP at <code>/mcp</code>. Send a key as \
<code>Authorization: Bearer memo_…</code> or <code>X-Api-Key: memo_…</code>; <code>X-Agent-Id</code> names the agent \
that acts. A field that may be left out may be <code>null</code>.</p>\
<p>A failure is JSON with <code>error.code</code>, <code>error.message</code> and, where one is known, the next step in \
<code>error.fix</code>. After 429 and 503, wait as long as <code>Retry-After</code> says.</p>\
<p>The same for programs: <a href=\"/openapi.json\">openapi.json</a>.</p>";

fn article(page: &mut String, operation: &Operation<'_>, document: &Value) {
    let Operation { path, method, of } = operation;
    let (id, title) = (operation.id(), escaped(&of["summary"]));
    let _ = write!(page, "<article id=\"{id}\"><h3>{title} <code class=\"quiet\">{id}</code></h3>");
    let upper = method.to_uppercase();
    let _ = write!(
        page,
        "<p class=\"route\"><code><span class=\"method {method}\">{upper}</span> {}</code></p>",
        escape(path)
    );
    for paragraph in of["description"].as_str().unwrap_or_default().split("\n\n") {
        let _ = write!(page, "<p>{}</p>", marked(paragraph));
    }
    let fields = fields(of);
    if !fields.is_empty() {
        page.push_str("<dl>");
        for field in &fields {
            field.write(page);
        }
        page.push_str("</dl>");
    }
    let _ = write!(page, "<pre>{}</pre>", escape(&curl(&upper, path, &fields)));
    page.push_str("<details><summary>Answers</summary><dl>");
    for (status, response) in of["responses"].as_object().into_iter().flatten() {
        let response = resolved(document, response);
        let _ = write!(page, "<div><dt><code>{}</code></dt>", escape(status));
        let _ =
            write!(page, "<dd>{}", marked(response["description"].as_str().unwrap_or_default()));
        if status.starts_with('2') {
            let schema = &response["content"]["application/json"]["schema"]["properties"];
            let names = schema.as_object().into_iter().flatten().map(|(name, _)| name);
            let names: Vec<String> =
                names.map(|name| format!("<code>{}</code>", escape(name))).collect();
            let _ = write!(page, ", with {}", names.join(", "));
        }
        page.push_str("</dd></div>");
    }
    page.push_str("</dl></details></article>");
}

/// A field of a request: where it stands, and what it may hold.
struct Field<'a> {
    name: &'a str,
    place: &'a str,
    is_required: bool,
    schema: &'a Value,
}

impl Field<'_> {
    fn write(&self, page: &mut String) {
        let need = if self.is_required { ", required" } else { "" };
        let _ = write!(
            page,
            "<div><dt><code>{}</code><small>{}{need}</small></dt><dd>{}",
            escape(self.name),
            escape(self.place),
            marked(self.schema["description"].as_str().unwrap_or_default()),
        );
        let rules = [kind(self.schema), rules(self.schema)].join(" ");
        let _ = write!(page, "<small>{}</small></dd></div>", escape(rules.trim()));
    }
}

fn fields(of: &Value) -> Vec<Field<'_>> {
    let parameters = of["parameters"].as_array().into_iter().flatten();
    let given = parameters.filter(|parameter| parameter["in"] != "header").map(|parameter| Field {
        name: parameter["name"].as_str().unwrap_or_default(),
        place: parameter["in"].as_str().unwrap_or_default(),
        is_required: parameter["required"] == true,
        schema: &parameter["schema"],
    });
    let body = &of["requestBody"]["content"]["application/json"]["schema"];
    let required = body["required"].as_array();
    let said = body["properties"].as_object().into_iter().flatten().map(|(name, schema)| Field {
        name,
        place: "body",
        is_required: required.is_some_and(|names| names.iter().any(|one| one == name)),
        schema,
    });
    given.chain(said).collect()
}

/// The smallest call that could succeed, for a shell.
fn curl(method: &str, path: &str, fields: &[Field<'_>]) -> String {
    let mut path = path.to_owned();
    let mut query = Vec::new();
    for field in fields {
        let upper = field.name.to_uppercase();
        match field.place {
            "path" => path = path.replace(&format!("{{{}}}", field.name), &upper),
            "query" if field.is_required => query.push(format!("{}={upper}", field.name)),
            _ => {}
        }
    }
    if !query.is_empty() {
        path = format!("{path}?{}", query.join("&"));
    }
    let verb = if method == "GET" { String::new() } else { format!("-X {method} ") };
    let mut command = format!(
        "curl {verb}'http://127.0.0.1:7420{path}' \\\n  -H \"Authorization: Bearer $MEMORANDA_API_KEY\""
    );
    let body: Vec<&Field> = fields.iter().filter(|field| field.place == "body").collect();
    let mut shown: Vec<&&Field> = body.iter().filter(|field| field.is_required).collect();
    if shown.is_empty() {
        shown.extend(body.first());
    }
    if !shown.is_empty() {
        let object: Map<String, Value> =
            shown.iter().map(|field| (field.name.to_owned(), sample(field.schema))).collect();
        let _ = write!(
            command,
            " \\\n  -H 'Content-Type: application/json' \\\n  -d '{}'",
            Value::Object(object)
        );
    }
    command
}

/// What a reference of the document stands for.
fn resolved<'a>(document: &'a Value, response: &'a Value) -> &'a Value {
    let pointer = response["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(response)
}

/// Text with what stands between backticks as code.
fn marked(text: &str) -> String {
    let mut html = String::new();
    for (at, part) in text.split('`').enumerate() {
        let part = escape(part);
        if at % 2 == 1 {
            let _ = write!(html, "<code>{part}</code>");
        } else {
            html.push_str(&part);
        }
    }
    html
}

fn escaped(text: &Value) -> String {
    escape(text.as_str().unwrap_or_default())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_the_document_is_text_on_the_page() {
        assert_eq!(marked("a <b> & `x<y`"), "a &lt;b&gt; &amp; <code>x&lt;y</code>");
        assert_eq!(escape("\"'"), "&quot;&#39;");
    }

    #[test]
    fn the_example_holds_what_a_call_needs() {
        let document = openapi::document();
        let of = &document["paths"]["/v1/keys/{key_id}"]["patch"];

        let command = curl("PATCH", "/v1/keys/{key_id}", &fields(of));

        assert!(command.starts_with("curl -X PATCH 'http://127.0.0.1:7420/v1/keys/KEY_ID'"));
        assert!(command.contains("-d '{\"title\":\"…\"}'"), "{command}");
    }
}
