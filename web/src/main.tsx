import '@fontsource-variable/geist';
import './styles/tokens.css';
import './styles/base.css';
import './styles/sidebar.css';
import './styles/map.css';
import './styles/account.css';
import './styles/details.css';
import './styles/phone.css';

import { render } from 'preact';

import { watchAccount } from './model/account.js';
import { startLive } from './model/live.js';
import { watchEnvironment } from './model/preferences.js';
import { watchFilters } from './model/trackers.js';
import { watchAddressParts } from './ui/address-parts.js';
import { App } from './ui/app.js';
import { watchUpdateParts } from './ui/update-parts.js';

watchEnvironment();
watchFilters();
startLive();
watchAccount();
watchUpdateParts();
watchAddressParts();
const root = document.getElementById('app');
if (root) render(<App />, root);
