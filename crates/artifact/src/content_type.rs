//! Content types by file extension, the same on every machine.

use std::path::Path;

/// Types that every version of the existing system knew: static sites depend on them to the letter.
const FIXED: [(&str, &str); 17] = [
    ("avif", "image/avif"),
    ("css", "text/css; charset=utf-8"),
    ("gif", "image/gif"),
    ("htm", "text/html; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("wasm", "application/wasm"),
    ("webp", "image/webp"),
    ("xml", "text/xml; charset=utf-8"),
    ("zip", "application/zip"),
];

/// The content type of a file name, or an empty string for an unknown extension. Text is UTF-8.
pub fn content_type(path: &Path) -> String {
    let Some(extension) = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase) else {
        return String::new();
    };
    if let Some((_, fixed)) = FIXED.iter().find(|(name, _)| *name == extension) {
        return (*fixed).to_owned();
    }
    match mime_guess::from_ext(&extension).first_raw() {
        Some(text) if text.starts_with("text/") && !text.contains("charset") => {
            format!("{text}; charset=utf-8")
        }
        Some(other) => other.to_owned(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_come_from_the_extension() {
        for (name, expected) in [
            ("index.html", "text/html; charset=utf-8"),
            ("A.JS", "text/javascript; charset=utf-8"),
            ("x.wasm", "application/wasm"),
            ("a.txt", "text/plain; charset=utf-8"),
            ("font.woff2", "font/woff2"),
            ("noext", ""),
            (".env", ""),
            ("x.unknown-thing", ""),
        ] {
            assert_eq!(content_type(Path::new(name)), expected, "{name}");
        }
    }
}
