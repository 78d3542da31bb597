//! What a first start says: the key, once, and how to connect.

use crate::core::secret::Secret;

/// The owner's key with ready-to-paste configuration of clients, for a server at `url`.
pub(super) fn text(url: &str, key: &Secret) -> String {
    let key = key.expose();
    format!(
        r#"This is the owner's API key. It is shown once; keep it somewhere safe.

  {key}

Claude Code:

  claude mcp add --transport http memoranda {url}/mcp --header "Authorization: Bearer {key}"

Cursor, in ~/.cursor/mcp.json:

  {{
    "mcpServers": {{
      "memoranda": {{
        "url": "{url}/mcp",
        "headers": {{ "Authorization": "Bearer {key}" }}
      }}
    }}
  }}

Any other MCP client:

  {{
    "mcpServers": {{
      "memoranda": {{
        "type": "http",
        "url": "{url}/mcp",
        "headers": {{ "Authorization": "Bearer {key}" }}
      }}
    }}
  }}

Give each agent a key of its own: memoranda key create "reviewer"
"#
    )
}
