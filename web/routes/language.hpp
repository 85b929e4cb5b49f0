#pragma once

#include <string>
#include <string_view>

namespace troupe {

/// `ru` or `en`: what `lang` asks for, else the better of the two in an Accept-Language field, else `en`.
std::string choose_language(std::string_view lang, std::string_view accept_language);

} // namespace troupe
