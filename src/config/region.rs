//! The hosts of the Chat API.

use crate::text::is_loopback;

/// The regions and their hosts (PolyAI's documentation, "Chat API: Base URLs").
pub const REGIONS: &[(&str, &str)] = &[
    ("us-1", "https://api.us-1.platform.polyai.app"),
    ("uk-1", "https://api.uk-1.platform.polyai.app"),
    ("euw-1", "https://api.euw-1.platform.polyai.app"),
    ("studio", "https://api.studio.poly.ai"),
];

/// The names of the regions.
pub const NAMES: &[&str] = &["us-1", "uk-1", "euw-1", "studio"];

/// The host of a region.
#[must_use]
pub fn host(region: &str) -> Option<&'static str> {
    REGIONS.iter().find(|(name, _)| *name == region).map(|(_, host)| *host)
}

/// Why an address cannot be used as `base_url`; `None` when it can.
#[must_use]
pub fn refuse_base_url(address: &str) -> Option<&'static str> {
    let Ok(url) = reqwest::Url::parse(address) else {
        return Some("it is not an address such as `https://api.example.com`");
    };
    let Some(host) = url.host_str() else {
        return Some("it names no host");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Some("credentials do not belong in an address");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Some("it cannot hold `?` or `#`");
    }
    match url.scheme() {
        "https" => None,
        "http" if is_loopback(host) => None,
        "http" => {
            Some("credentials would be sent in the clear; use https (http is for loopback only)")
        }
        _ => Some("it must start with https://"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_has_its_host_and_every_host_can_be_called() {
        assert_eq!(NAMES, REGIONS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
        for name in NAMES {
            let host = host(name).expect("a host");
            assert_eq!(refuse_base_url(host), None, "{host}");
        }
        assert_eq!(host("uk-1"), Some("https://api.uk-1.platform.polyai.app"));
        assert_eq!(host("mars-1"), None);
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for address in [
            "http://localhost:1",
            "http://127.0.0.1:8080/gw",
            "http://[::1]:9",
            "https://x.example",
        ] {
            assert_eq!(refuse_base_url(address), None, "{address}");
        }
        for address in [
            "http://example.com",
            "http://10.0.0.1",
            "https://u:p@x.example",
            "ftp://x",
            "x",
            "http://127.0.0.1.example.com",
        ] {
            assert!(refuse_base_url(address).is_some(), "{address}");
        }
    }
}
