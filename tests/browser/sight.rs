//! Looking at a page as it is: it is no wider than the window, the browser has no complaint, and
//! axe finds no barrier, in a light room and in a dark one. Of each look a picture is kept.
//!
//! `CLIENTELE_AXE` says where the script of axe-core is. Without it no barriers are looked for,
//! unless `CLIENTELE_REQUIRE_BROWSER` is set.

use std::path::Path;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::driver::{Browser, PHONE};

/// The narrowest window, in CSS pixels.
const NARROWEST: u32 = 320;

/// What axe finds that shuts people out, a line each.
const BARRIERS: &str = "
    const found = await axe.run(document, { iframes: false, resultTypes: ['violations'] });
    const worst = found.violations.filter((one) => ['serious', 'critical'].includes(one.impact));
    return worst.flatMap((one) => one.nodes.map((node) =>
      `${one.id}: ${node.target.join(' ')}: ${node.failureSummary}`));";

/// What sticks out of the window, if the page can be moved sideways.
const TOO_WIDE: &str = "
    const width = arguments[0];
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll('body *')]
      .filter((one) => one.getBoundingClientRect().right > width + 1)
      .slice(0, 5).map((one) => one.outerHTML.slice(0, 200));";

impl Browser {
    /// Makes ready to look at all pages from now on.
    pub(crate) async fn open_eyes(&self) {
        match std::env::var_os("CLIENTELE_AXE") {
            Some(path) => {
                let source = std::fs::read_to_string(&path).unwrap();
                self.tell("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source })).await;
            }
            None => {
                assert!(std::env::var_os("CLIENTELE_REQUIRE_BROWSER").is_none(), "CLIENTELE_AXE is not set");
                eprintln!("no barriers are looked for: CLIENTELE_AXE does not say where axe.min.js is");
            }
        }
    }

    /// Looks at the page that is open.
    pub(crate) async fn look(&self, name: &str) {
        self.fits(name).await;
        for scheme in ["light", "dark"] {
            self.light(scheme).await;
            self.picture(&format!("{name}-{}-{scheme}", self.width)).await;
            if std::env::var_os("CLIENTELE_AXE").is_some() {
                let barriers = self.ask(BARRIERS).await;
                assert_eq!(barriers, json!([]), "{name} shuts people out ({scheme}, {})", self.width);
            }
        }
        self.has_no_complaint(name).await;
    }

    /// Nothing sticks out of the window: neither of this one nor, on a phone, of the narrowest that
    /// is to be reckoned with, which is a desktop's at four times the size (WCAG 1.4.10).
    async fn fits(&self, name: &str) {
        if self.width == PHONE {
            self.be_wide(NARROWEST).await;
            let wide = self.execute(TOO_WIDE, vec![json!(NARROWEST)]).await.unwrap();
            assert_eq!(wide, json!([]), "{name} is wider than {NARROWEST}");
            self.be_wide(PHONE).await;
        }
        let wide = self.execute(TOO_WIDE, vec![json!(self.width)]).await.unwrap();
        assert_eq!(wide, json!([]), "{name} is wider than {}", self.width);
    }

    async fn be_wide(&self, width: u32) {
        let metrics = json!({ "width": width, "height": 844, "deviceScaleFactor": 1, "mobile": true });
        self.tell("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// The browser wrote nothing into its console that tells of a fault: a script that failed, a
    /// file that is missing, something that a policy forbids.
    async fn has_no_complaint(&self, name: &str) {
        let here = self.current_url().await.unwrap();
        // A page that is answered with "not so" is reported with its own address.
        let is_the_page =
            |text: &str| text.contains("responded with a status of 4") && text.starts_with(here.as_str());
        for entry in self.log().await {
            let text = entry["message"].as_str().unwrap_or_default();
            assert!(entry["level"] != "SEVERE" || is_the_page(text), "{name}: {entry}");
        }
    }

    async fn light(&self, scheme: &str) {
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            // Halfway through a transition, a colour is none of ours.
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.tell("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// The whole page, also what is below the window.
    async fn picture(&self, name: &str) {
        let size = self.tell("Page.getLayoutMetrics", json!({})).await["cssContentSize"].clone();
        let clip = json!({ "x": 0, "y": 0, "width": self.width, "height": size["height"], "scale": 1 });
        let taken = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let taken: Value = self.tell("Page.captureScreenshot", taken).await;
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        let picture = BASE64_STANDARD.decode(taken["data"].as_str().unwrap()).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), picture).unwrap();
    }
}
