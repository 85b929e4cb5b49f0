#pragma once

#include <string_view>

namespace troupe {

/// The console; `{{lang}}`, `{{head}}` and `{{system}}` are to be filled in.
std::string_view console_page() noexcept;
/// Tasks and environments; `{{lang}}` and `{{system}}` are to be filled in.
std::string_view tasks_page() noexcept;
/// The login page; `{{lang}}`, `{{state}}` (`how`, `ready`, `used`) and `{{code}}` are to be filled in.
std::string_view login_page() noexcept;
std::string_view console_icon() noexcept;
/// The text of web/openapi.yaml.
std::string_view openapi_description() noexcept;

} // namespace troupe
