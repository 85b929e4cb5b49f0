#pragma once

#include "web/routes/http_types.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <string>
#include <string_view>

namespace troupe {

/// A request's head as we see it.
http_request read_request_head(const boost::beast::http::request<boost::beast::http::string_body>& message);

using body_parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

/// Gives the parser, whose head is done, the body that has come already. False: it is not all there; nothing is taken.
bool take_body(body_parser& parser, boost::beast::flat_buffer& from, std::size_t length);

/// One chunk of chunked coding; `piece` is not empty.
std::string chunk_of(std::string_view piece);

} // namespace troupe
