// Sends the form of the opening as soon as it is there; the button stays for those without scripts.
const form = document.getElementById("opening");
if (form) {
  document.body.classList.add("sent");
  form.submit();
}
