// Draws each [data-map]: countries that come with the product, no tiles from elsewhere.
/* global L */
const ROAD_ZOOM = 11;
// The basemap ends in western Russia.
const EDGE = [
  [47, -27],
  [73, 46],
];

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
  for (const pin of pins) {
    const icon = L.divIcon({
      className: "",
      iconSize: [28, 28],
      html: `<span class="cn-pin cn-tone-${pin.tone}"><svg class="cn-icon" aria-hidden="true"><use href="${sprite}#${pin.icon}"></use></svg></span>`,
    });
    const box = document.createElement("div");
    const link = document.createElement("a");
    link.href = pin.href;
    link.textContent = pin.name;
    link.className = "cn-strong";
    const word = document.createElement("span");
    word.textContent = pin.word;
    const note = document.createElement("span");
    note.textContent = pin.note;
    note.className = "cn-quiet";
    box.append(link, word, note);
    box.className = "cn-stack-small";
    L.marker(pin.at, { icon, title: `${pin.name}: ${pin.word}`, alt: `${pin.name}: ${pin.word}` })
      .bindPopup(box, { closeButton: false })
      .addTo(group);
  }
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
      const icon = L.divIcon({ className: "cn-town", iconSize: null, html: document.createTextNode(name).textContent });
      L.marker([latitude, longitude], { icon, interactive: false, keyboard: false }).addTo(names);
    }
  };
  showTowns();
  map.on("zoomend", showTowns);
  // Lists of pins change while the page is open: the poll brings a new list.
  element.dataset.drawn = "yes";
};
for (const element of document.querySelectorAll("[data-map]")) drawMap(element);
