// Sessions over weeks: trends, and the force of one person.

import "./trends.js";
import "./force.js";
