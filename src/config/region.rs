//! The hosts of the Chat API.

/// The regions and their hosts (PolyAI's documentation, "Chat API: Base URLs").
pub const REGIONS: &[(&str, &str)] = &[
    ("us-1", "https://api.us-1.platform.polyai.app"),
    ("uk-1", "https://api.uk-1.platform.polyai.app"),
    ("euw-1", "https://api.euw-1.platform.polyai.app"),
    ("studio", "https://api.studio.poly.ai"),
];

/// Where Agent Studio shows the conversations of a region.
const STUDIOS: &[(&str, &str)] = &[
    ("us-1", "https://studio.us.poly.ai"),
    ("uk-1", "https://studio.uk.poly.ai"),
    ("euw-1", "https://studio.eu.poly.ai"),
    ("studio", "https://studio.poly.ai"),
];

/// The names of the regions.
pub const NAMES: &[&str] = &["us-1", "uk-1", "euw-1", "studio"];

/// The host of a region.
#[must_use]
pub fn host(region: &str) -> Option<&'static str> {
    REGIONS.iter().find(|(name, _)| *name == region).map(|(_, host)| *host)
}

/// The web address of Agent Studio for the region that a host is of; `None` for any other host.
#[must_use]
pub fn studio(base_url: &str) -> Option<&'static str> {
    let (region, _) = REGIONS.iter().find(|(_, host)| *host == base_url)?;
    STUDIOS.iter().find(|(name, _)| name == region).map(|(_, address)| *address)
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

/// Whether a host is this machine itself.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
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
    fn every_region_has_its_agent_studio_and_no_other_host_has_one() {
        let studios: Vec<_> = REGIONS.iter().map(|(_, host)| studio(host)).collect();
        let addresses = STUDIOS.iter().map(|(_, address)| Some(*address));
        assert_eq!(studios, addresses.collect::<Vec<_>>());
        assert_eq!(
            studio("https://api.euw-1.platform.polyai.app"),
            Some("https://studio.eu.poly.ai")
        );
        for other in ["https://gateway.example", "http://127.0.0.1:8080", ""] {
            assert_eq!(studio(other), None);
        }
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
