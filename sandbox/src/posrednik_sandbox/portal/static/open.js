// Sends the form of the opening as soon as it is there; the button stays for those without scripts. Then answers what
// the application in the frame asks of the portal around it, in the words of the real page (`command:params:key:sid`).
const form = document.getElementById("opening");
const frame = document.querySelector("iframe");
if (form) {
  document.body.classList.add("sent");
  form.submit();
}
if (form && frame) answerTheFrame();

function answerTheFrame() {
  const app = new URL(form.action);
  const sid = app.searchParams.get("APP_SID");
  const field = (name) => form.elements.namedItem(name)?.value ?? "";
  const answers = {
    getInitData: async () => ({
      ...auth(), LANG: app.searchParams.get("LANG"), DOMAIN: location.host, PROTOCOL: app.searchParams.get("PROTOCOL"),
      PATH: "/rest", MEMBER_ID: field("member_id"), PLACEMENT: field("PLACEMENT"),
      PLACEMENT_OPTIONS: JSON.parse(field("PLACEMENT_OPTIONS") || "{}"), APP_SID: sid, FIRST_RUN: false, APP_OPTIONS: {},
      USER_OPTIONS: {}, ...(await ask("getInitData")),
    }),
    refreshAuth: () => ask("refreshAuth"),
    setInstallFinish: async () => { const told = await ask("setInstallFinish"); setTimeout(() => location.reload(), 0); return told; },
    setTitle: async ({ title }) => { document.querySelector("main h1").textContent = String(title); return true; },
    resizeWindow: async () => ({}),
    setScroll: async () => ({}),
    reloadWindow: async () => { location.reload(); return {}; },
    closeApplication: async () => { location.href = document.querySelector("a.close").href; return {}; },
  };

  function auth() {
    return { AUTH_ID: field("AUTH_ID"), REFRESH_ID: field("REFRESH_ID"), AUTH_EXPIRES: Number(field("AUTH_EXPIRES")) };
  }

  async function ask(command) {
    const answer = await fetch("/portal/frame", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ sid, command }),
    });
    return answer.json();
  }

  window.addEventListener("message", async (event) => {
    if (event.source !== frame.contentWindow || event.origin !== app.origin || typeof event.data !== "string") return;
    const parts = event.data.split(":");
    const command = parts[0];
    if (parts[parts.length - 1] !== sid || !Object.hasOwn(answers, command)) return;
    const key = parts[parts.length - 2];
    const params = parts.slice(1, -2).join(":");
    const told = await answers[command](params ? JSON.parse(params) : {});
    if (key) frame.contentWindow.postMessage(`${key}:${JSON.stringify(told)}`, app.origin);
  });
}
