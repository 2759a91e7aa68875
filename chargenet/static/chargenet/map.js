// Draws each [data-map]: countries that come with the product, no tiles from elsewhere.
/* global L */
const ROAD_ZOOM = 11;
// The basemap ends in western Russia.
const EDGE = [
  [47, -27],
  [73, 46],
];

const drawPin = (pin, sprite) => {
  const icon = L.divIcon({
    className: "",
    iconSize: [28, 28],
    html: `<span class="cn-pin cn-tone-${pin.tone}"><svg class="cn-icon" aria-hidden="true"><use href="${sprite}#${pin.icon}"></use></svg></span>`,
  });
  const box = document.createElement("div");
  box.className = "cn-stack-small";
  for (const [tag, text, css] of [["a", pin.name, "cn-strong"], ["span", pin.word, ""], ["span", pin.note, "cn-quiet"]]) {
    const part = document.createElement(tag);
    part.textContent = text;
    part.className = css;
    if (tag === "a") part.href = pin.href;
    box.append(part);
  }
  const name = `${pin.name}: ${pin.word}`;
  const isTrouble = ["bad", "off", "critical"].includes(pin.tone);
  return L.marker(pin.at, { icon, zIndexOffset: isTrouble ? 1000 : 0, title: name, alt: name }).bindPopup(box, { closeButton: false });
};

const drawMap = async (element) => {
  const pins = JSON.parse(document.getElementById(element.dataset.map).textContent);
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const map = L.map(element, { minZoom: 3, maxZoom: 14, scrollWheelZoom: false, zoomSnap: 0.5, maxBounds: EDGE, maxBoundsViscosity: 1 });
  map.attributionControl.setPrefix(false).addAttribution("Natural Earth");
  map.zoomControl.remove();
  L.control.zoom({ zoomInTitle: element.dataset.zoomIn, zoomOutTitle: element.dataset.zoomOut }).addTo(map);
  map.on("focus", () => map.scrollWheelZoom.enable());
  map.on("blur", () => map.scrollWheelZoom.disable());
  const sprite = element.dataset.sprite;
  const group = L.featureGroup();
  const drawPins = (list) => {
    group.clearLayers();
    for (const pin of list) drawPin(pin, sprite).addTo(group);
  };
  drawPins(pins);
  group.addTo(map);
  if (pins.length) map.fitBounds(group.getBounds().pad(0.2), { maxZoom: ROAD_ZOOM });
  else map.setView([62, 16], 4);
  const [land, towns] = await Promise.all(
    [element.dataset.basemap, element.dataset.towns].map((address) => fetch(address).then((answer) => answer.json())),
  );
  const look = () => ({ color: color("--cn-coast"), weight: 1, fillColor: color("--cn-land"), fillOpacity: 1, interactive: false });
  const layer = L.geoJSON(land, { style: look, interactive: false }).addTo(map).bringToBack();
  document.addEventListener("themechange", () => layer.setStyle(look()));
  const names = L.layerGroup().addTo(map);
  const showTowns = () => {
    names.clearLayers();
    const rank = Math.floor(map.getZoom()) - 4;
    for (const [name, latitude, longitude, from] of towns) {
      if (from > rank) continue;
      const icon = L.divIcon({ className: "cn-town", iconSize: null, iconAnchor: [-18, 9], html: document.createTextNode(name).textContent });
      L.marker([latitude, longitude], { icon, interactive: false, keyboard: false }).addTo(names);
    }
  };
  showTowns();
  map.on("zoomend", showTowns);
  if (!element.dataset.live) return;
  let shown = JSON.stringify(pins);
  document.body.addEventListener("tick", async () => {
    if (element.querySelector(".leaflet-popup")) return; // somebody reads
    const answer = await fetch(element.dataset.live).catch(() => null);
    if (!answer?.ok) return;
    const text = await answer.text();
    if (text === shown) return;
    shown = text;
    drawPins(JSON.parse(text));
  });
};
for (const element of document.querySelectorAll("[data-map]")) drawMap(element);
