// The part of BX24 that an application in a frame needs: it asks the portal's page around it, as the real library does.
(function () {
  "use strict";
  const [domain, protocol, sid] = window.name.split("|");
  const origin = domain ? `${protocol === "1" ? "https" : "http"}://${domain}` : "";
  const waiting = new Map();
  const ready = [];
  let told = null;
  let asked = false;
  let number = 0;

  function ask(command, params, done) {
    if (!sid || window.parent === window) return;
    const key = `bx24_${++number}`;
    if (done) waiting.set(key, done);
    window.parent.postMessage([command, params ? JSON.stringify(params) : "", key, sid].join(":"), origin);
  }

  window.addEventListener("message", (event) => {
    if (event.origin !== origin || typeof event.data !== "string") return;
    const at = event.data.indexOf(":");
    const done = waiting.get(event.data.slice(0, at));
    waiting.delete(event.data.slice(0, at));
    if (done) done(JSON.parse(event.data.slice(at + 1) || "null"));
  });

  function keepAuth(data) {
    Object.assign(told, data);
    return auth();
  }

  function auth() {
    if (!told) return false;
    return {
      access_token: told.AUTH_ID, refresh_token: told.REFRESH_ID, expires_in: told.AUTH_EXPIRES,
      domain: told.DOMAIN, member_id: told.MEMBER_ID,
    };
  }

  window.BX24 = {
    init(done) {
      if (told) return done();
      ready.push(done);
      if (asked) return undefined;
      asked = true;
      return ask("getInitData", null, (data) => { told = data; ready.splice(0).forEach((one) => one()); });
    },
    install(done) { this.init(() => { if (told.INSTALL) done(); }); },
    installFinish() { this.init(() => { if (told.INSTALL) ask("setInstallFinish", null); }); },
    getAuth: auth,
    refreshAuth(done) { ask("refreshAuth", null, (data) => { const fresh = keepAuth(data); if (done) done(fresh); }); },
    isAdmin: () => Boolean(told && told.IS_ADMIN),
    getLang: () => (told ? told.LANG : "ru"),
    getDomain: () => domain,
    isReady: () => told !== null,
    ready(done) { if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", done); else done(); },
    placement: { info: () => (told ? { placement: told.PLACEMENT, options: told.PLACEMENT_OPTIONS } : { placement: "DEFAULT", options: {} }) },
    setTitle(title, done) { ask("setTitle", { title }, done); },
    fitWindow(done) { this.resizeWindow(document.documentElement.clientWidth, document.documentElement.scrollHeight, done); },
    resizeWindow(width, height, done) { ask("resizeWindow", { width, height }, done); },
    scrollParentWindow(scroll, done) { ask("setScroll", { scroll }, done); },
    reloadWindow(done) { ask("reloadWindow", null, done); },
    closeApplication(done) { ask("closeApplication", null, done); },
  };
})();
