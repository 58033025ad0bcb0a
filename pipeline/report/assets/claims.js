// Filters of the contradictions, which stand in the page already.
function filterClaims() {
  const wanted = folded(byId("claims-query").value.trim());
  const kind = byId("claims-kind").value, verdict = byId("claims-verdict").value;
  const claims = [...document.querySelectorAll(".claim")];
  for (const claim of claims) {
    const { kind: own, verdict: said, names } = claim.dataset;
    claim.hidden = Boolean((kind && own !== kind) || (verdict && said !== verdict) || (wanted && !folded(names).includes(wanted)));
  }
  const shown = claims.filter((claim) => !claim.hidden).length;
  byId("claims-count").textContent = shown === claims.length ? count(shown, "point") : `${shown} of ${count(claims.length, "point")}`;
}

function startClaims() {
  if (!byId("claims-query")) return;
  for (const id of ["claims-query", "claims-kind", "claims-verdict"]) byId(id).addEventListener("input", filterClaims);
  filterClaims();
}
