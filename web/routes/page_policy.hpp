#pragma once

#include <string>
#include <string_view>

namespace troupe {

/// The Content-Security-Policy for one of our pages: its own inline script and style by their hashes, connections to
/// this server, and nothing else.
std::string page_policy(std::string_view html);

/// Replaces every `{{name}}` by `value`, escaped for HTML text and quoted attributes.
std::string fill_page(std::string_view html, std::string_view name, std::string_view value);

std::string escape_html(std::string_view text);

} // namespace troupe
