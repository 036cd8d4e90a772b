//! A real browser, driven by the WebDriver protocol: JSON over HTTP.

use std::{
    io::{self, BufRead, BufReader},
    process::{Child, Command, Stdio},
    thread,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    foreign,
    http::{Answer, exchange},
    wait::wait_until,
};

const ARGUMENTS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// Chromium with a profile of its own. Dropping it ends it.
pub struct Browser {
    driver: Child,
    host: String,
    session: String,
    _profile: TempDir,
}

impl Browser {
    #[track_caller]
    pub fn start() -> Self {
        for name in ["chromium", "chromedriver"] {
            foreign::require(name, is_installed(name));
        }
        let driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn();
        let mut driver = driver.expect("chromedriver starts");
        let mut lines = BufReader::new(driver.stdout.take().expect("its output")).lines();
        let port = lines.find_map(|line| {
            let line = line.expect("a line");
            let port = line.split_once("successfully on port ")?.1;
            Some(port.trim_end_matches('.').to_owned())
        });
        let host = format!("127.0.0.1:{}", port.expect("a port"));
        // What else it says must be read, or it would wait for that.
        thread::spawn(move || lines.for_each(drop));
        let profile = TempDir::new().expect("a folder");
        let mut browser = Self { driver, host, session: String::new(), _profile: profile };
        browser.begin();
        browser
    }

    fn begin(&mut self) {
        let profile = format!("--user-data-dir={}", self._profile.path().display());
        let arguments: Vec<&str> = ARGUMENTS.iter().copied().chain([profile.as_str()]).collect();
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        }}});
        let begun = self.ask("POST", "/session", &wanted);
        let id = begun["sessionId"].as_str().unwrap_or_else(|| panic!("{begun}"));
        self.session = format!("/session/{id}");
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.try_ask(method, path, body).expect("an answer");
        assert_eq!(answer.status, 200, "{path} {body}: {}", answer.body);
        let mut answer: Value = serde_json::from_str(&answer.body).expect("JSON");
        answer["value"].take()
    }

    fn try_ask(&self, method: &str, path: &str, body: &Value) -> io::Result<Answer> {
        let (host, body) = (&self.host, body.to_string());
        exchange(
            host,
            &format!(
                "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            ),
        )
    }

    fn command(&self, path: &str, body: &Value) -> Value {
        self.ask("POST", &format!("{}/{path}", self.session), body)
    }

    /// Loads a page.
    pub fn open(&self, address: &str) {
        self.command("url", &json!({ "url": address }));
    }

    /// The value of an expression in the page.
    pub fn value(&self, expression: &str) -> Value {
        let script = format!("return ({expression})");
        self.command("execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// The text of an expression in the page.
    pub fn text(&self, expression: &str) -> String {
        let value = self.value(expression);
        value.as_str().unwrap_or_else(|| panic!("{expression} is {value}")).to_owned()
    }

    /// Waits until an expression is true in the page.
    #[track_caller]
    pub fn wait_for(&self, expression: &str) {
        wait_until(&format!("{expression} did not become true"), || {
            self.value(expression) == json!(true)
        });
    }

    /// Presses keys, one after the other; `\u{e00c}` and the like are WebDriver's special keys.
    pub fn press(&self, keys: &str) {
        // Chromium drops what is typed before a page was painted for the first time.
        self.wait_for("performance.getEntriesByType('paint').length > 0");
        let actions = keys.chars().flat_map(|key| {
            ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key.to_string() }))
        });
        let keyboard = json!({ "type": "key", "id": "k", "actions": actions.collect::<Vec<_>>() });
        self.command("actions", &json!({ "actions": [keyboard] }));
    }

    /// Clicks on the first element that a CSS selector finds.
    pub fn click(&self, selector: &str) {
        let found = self.command("element", &json!({ "using": "css selector", "value": selector }));
        let id = found.as_object().and_then(|found| found.values().next()?.as_str());
        let id = id.unwrap_or_else(|| panic!("{selector}: {found}"));
        self.command(&format!("element/{id}/click"), &json!({}));
    }

    /// Waits until the page's HTML has a text; also where no script may run.
    #[track_caller]
    pub fn wait_for_html(&self, text: &str) {
        wait_until(&format!("{text} did not appear"), || {
            let html = self.ask("GET", &format!("{}/source", self.session), &json!({}));
            html.as_str().is_some_and(|html| html.contains(text))
        });
    }

    /// Shows pages as a screen of this size does.
    pub fn resize(&self, width: u32, height: u32) {
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Shows pages as somebody has it who prefers `light` or `dark`.
    pub fn prefer(&self, scheme: &str) {
        self.emulate("prefers-color-scheme", scheme);
    }

    /// Shows pages in the few colours that somebody has chosen for all of them.
    pub fn force_colours(&self) {
        self.emulate("forced-colors", "active");
    }

    fn emulate(&self, feature: &str, value: &str) {
        let feature = json!({ "name": feature, "value": value });
        self.devtools("Emulation.setEmulatedMedia", &json!({ "features": [feature] }));
    }

    /// What axe finds on the page, in words: the rule, the element and why.
    pub fn barriers(&self, axe: &str) -> Vec<String> {
        self.command("execute/sync", &json!({ "script": axe, "args": [] }));
        let found = self.value(
            "axe.run().then((result) => result.violations.flatMap((one) => one.nodes.map(\
             (node) => one.id + ': ' + node.html.slice(0, 120) + '\\n' + node.failureSummary)))",
        );
        let found = found.as_array().unwrap_or_else(|| panic!("{found}"));
        found.iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Lets pages run no script.
    pub fn forbid_scripts(&self) {
        self.devtools("Emulation.setScriptExecutionDisabled", &json!({ "value": true }));
    }

    /// A command of Chromium's own protocol.
    pub fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.command("goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// What the browser complained about: errors, and what a page was not allowed to do.
    pub fn complaints(&self) -> Vec<String> {
        let log = self.command("se/log", &json!({ "type": "browser" }));
        let entries = log.as_array().cloned().unwrap_or_default();
        let severe = entries.iter().filter(|entry| entry["level"] == "SEVERE");
        severe.map(|entry| entry["message"].to_string()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The browser would outlive its driver; where both have ended already, nothing is to do.
        let _ = self.try_ask("DELETE", &self.session, &json!({}));
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn is_installed(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|folder| folder.join(program).is_file())
}
