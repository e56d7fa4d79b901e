/** The page's entry. */

import './style/main.css';
import { Page } from './app/page.ts';
import { readParameters } from './app/parameters.ts';

void readParameters(location.search).then((parameters) => new Page(parameters).start());
