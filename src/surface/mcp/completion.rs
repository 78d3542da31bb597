//! Completions of what prompts and resource templates ask for: an operation, `complete`, which shows
//! what the caller may see.

use rmcp::model::{CompleteRequestParams, CompleteResult, CompletionInfo, Reference};
use serde_json::{Value, json};

use super::prompts;
use crate::core::error::{Error, Result};
use crate::ops::resource;

/// The operation that completes.
pub(super) const OPERATION: &str = "complete";

/// What stands in place of a resource template's field, by the template's first part.
const SORTS: [(&str, &str); 4] = [
    ("memoranda://memory/", "memory"),
    ("memoranda://task/", "task"),
    ("memoranda://agent/", "agent"),
    ("memoranda://schemas/", "operation"),
];

/// What is to be completed, as the operation takes it. `None` where nothing completes it.
///
/// # Errors
/// `NOT_FOUND` for a prompt or a template that there is not; `INVALID_ARGUMENT` for an argument that it
/// doesn't have.
pub(super) fn asked(request: &CompleteRequestParams) -> Result<Option<Value>> {
    let name = request.argument.name.as_str();
    let no_argument = || Error::invalid("argument.name", "must be one that the reference has");
    let kind = match &request.r#ref {
        Reference::Prompt(prompt) => {
            let prompt = prompts::find(&prompt.name).ok_or_else(|| Error::not_found("prompt"))?;
            let mut arguments = prompt.arguments.iter();
            arguments.find(|argument| argument.name == name).ok_or_else(no_argument)?.kind
        }
        Reference::Resource(template) => {
            let uri = template.uri.as_str();
            if !resource::templates().any(|template| template == uri) {
                return Err(Error::not_found("resource template"));
            }
            if !uri.contains(&format!("{{{name}}}")) {
                return Err(no_argument());
            }
            SORTS.iter().find(|(beginning, _)| uri.starts_with(beginning)).map(|(_, kind)| *kind)
        }
        _ => return Err(Error::invalid("ref", "must be of a prompt or a resource template")),
    };
    Ok(kind.map(|kind| json!({ "kind": kind, "beginning": request.argument.value })))
}

/// What the operation has found, as the protocol has it.
///
/// # Errors
/// `INTERNAL` if there is more than the protocol takes.
pub(super) fn answered(found: &Value) -> Result<CompleteResult> {
    let values = found["values"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let values = values.map(str::to_owned).collect();
    let has_more = found["more"] == json!(true);
    let info = CompletionInfo::with_pagination(values, None, has_more).map_err(Error::internal)?;
    Ok(CompleteResult::new(info))
}
