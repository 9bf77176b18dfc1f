// The API reference: Swagger UI in place of the plain list, which stays for whoever has no script.
"use strict";

(() => {
  const place = document.getElementById("reference");
  if (!place || !window.SwaggerUIBundle) return;

  // Swagger UI knows dark by a class; the pages know it by the colour scheme that is in force.
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const paint = () => {
    const theme = document.documentElement.dataset.theme;
    document.documentElement.classList.toggle("dark-mode", theme ? theme === "dark" : dark.matches);
  };
  paint();
  dark.addEventListener("change", paint);
  new MutationObserver(paint).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });

  // A signed-in person may try operations without a key; what changes something then needs the page's token.
  const token = JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"];
  window.SwaggerUIBundle({
    url: place.dataset.schema,
    domNode: place,
    presets: [window.SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    filter: true,
    requestInterceptor: (request) => {
      const here = new URL(request.url, document.baseURI).origin === window.location.origin;
      if (here && !request.loadSpec && !request.headers.Authorization) request.headers["X-CSRFToken"] = token;
      return request;
    },
  });
})();
