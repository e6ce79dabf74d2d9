# ruff: noqa: SIM905 - lists of words stay readable as text
"""The raw material of made-up names, per culture: plain lists, no logic.

Names in another script are written `latin:native`. Family names are few here and multiplied in `names.py`.
"""

from __future__ import annotations

from typing import Final

ENGLISH_WOMEN: Final = """Mary Jennifer Elizabeth Patricia Linda Barbara Susan Jessica Sarah Karen
Margaret Lisa Nancy Betty Sandra Ashley Dorothy Kimberly Emily Donna Michelle Carol Amanda Melissa Deborah
Stephanie Rebecca Laura Helen Sharon Cynthia Kathleen Amy Shirley Angela Anna Ruth Brenda Pamela Nicole
Katherine Virginia Catherine Christine Samantha Debra Janet Rachel Carolyn Emma Maria Heather Diane Julie
Joyce Evelyn Joan Victoria Kelly Christina Lauren Frances Martha Judith Cheryl Megan Andrea Olivia Ann
Jean Alice Jacqueline Hannah Doris Kathryn Gloria Teresa Sara Janice Marie Julia Grace Judy Theresa
Madison Beverly Denise Marilyn Amber Danielle Abigail Brittany Rose Diana Natalie Sophia Alexis Lori Kayla
Jane Charlotte Isabella Zoe Chloe Lucy Ella Amelia Harriet Imogen Phoebe Georgia Eleanor Florence Beatrice
Edith Matilda Penelope Rosalind Josephine Audrey Claire Naomi Paige Gemma Leanne Tracy Wendy Gillian
Maureen Bridget Fiona Isla Freya Violet Hazel Ivy Ruby Pearl Stella Nora Clara Ellen Lillian Genevieve
Tabitha Winifred Philippa Constance Priscilla Rosemary Millicent Cordelia Henrietta Augusta Leonora
Susannah Arabella Jemima Verity Prudence Marguerite Adelaide Cecily Minerva Geraldine Roberta Antonia
Veronica Valerie Yvonne""".split()

ENGLISH_MEN: Final = """James Robert John Michael David William Richard Joseph Thomas Charles Christopher
Daniel Matthew Anthony Mark Donald Steven Paul Andrew Joshua Kenneth Kevin Brian George Timothy Ronald
Edward Jason Jeffrey Ryan Jacob Gary Nicholas Eric Jonathan Stephen Larry Justin Scott Brandon Benjamin
Samuel Gregory Alexander Patrick Frank Raymond Jack Dennis Jerry Tyler Aaron Jose Adam Nathan Henry
Zachary Douglas Peter Kyle Noah Ethan Jeremy Walter Christian Keith Roger Terry Austin Sean Gerald Carl
Harold Dylan Arthur Lawrence Jordan Jesse Bryan Billy Bruce Gabriel Joe Logan Alan Juan Albert Willie
Elijah Wayne Randy Vincent Mason Roy Ralph Bobby Russell Bradley Philip Eugene Oliver Harry Leo Oscar
Archie Theodore Frederick Edmund Hugh Rupert Barnaby Giles Nigel Graham Clive Stuart Gordon Malcolm Duncan
Angus Callum Liam Owen Rhys Gareth Ian Neil Martin Simon Julian Adrian Dominic Felix Jasper Maxwell
Sebastian Spencer Leonard Stanley Herbert Ernest Clarence Reginald Cedric Percival Mortimer Ambrose
Bartholomew Cornelius Ebenezer Ferdinand Gilbert Horatio Ignatius Jeremiah Leopold Nathaniel Obadiah
Solomon Tobias Ulysses Valentine Zebulon Abraham Augustus Randolph Terence Wallace Winston""".split()

ENGLISH_FAMILIES: Final = """Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Thomas Taylor
Moore Jackson Martin Lee Thompson White Harris Clark Lewis Robinson Walker Young Allen King Wright Scott
Hill Green Adams Nelson Baker Hall Campbell Mitchell Carter Roberts Phillips Evans Turner Parker Edwards
Collins Stewart Morris Murphy Cook Rogers Morgan Cooper Peterson Reed Bailey Bell Kelly Howard Ward Cox
Richardson Wood Watson Brooks Bennett Gray James Hughes Price Myers Long Foster Sanders Ross Powell
Sullivan Russell Jenkins Perry Butler Barnes Fisher Henderson Coleman Simmons Patterson Jordan Reynolds
Hamilton Graham Kim Wallace West Cole Hayes Bryant Ellis Stevens Gibson Ford Marshall Owens McDonald
Harrison Kennedy Wells Alexander Woods Shaw Holmes Rice Robertson Hunt Black Daniels Palmer Mills Nichols
Grant Knight Ferguson Rose Stone Hawkins Dunn Perkins Hudson Spencer Gardner Stephens Payne Pierce Berry
Matthews Arnold Wagner Willis Ray Watkins Olson Carroll Duncan Snyder Hart Cunningham Bradley Lane Andrews
Harper Fox Riley Armstrong Carpenter Weaver Greene Lawrence Elliott Chavez Sims Austin Peters Kelley
Franklin Lawson O'Brien O'Connor O'Neill McCarthy McKenzie MacLeod Fitzgerald Abbott Barlow Calvert Dalton
Eccles Fairfax Goddard Hargreaves Ingram Jarvis Kershaw Lockwood Maddox Nash Oakley Pemberton Quinn
Radcliffe Sinclair Tennant Underhill Vaughan Wainwright Yates""".split()
ENGLISH_STARTS: Final = """Ash Brad Carl Dun East Fair Gold Hart Ing Kil Lang Mar Nor Oak Pen Quar Rad
Stan Thorn Under Wal Whit Win Wood Black Brook Cran Der El Far Glen Hal Ken Lin Mil New Ox Red Shel West
Lock Hol Cross Bar Hart""".split()
ENGLISH_ENDS: Final = """ford ton well man field worth ley shaw wood bury combe stead by dale ham land
more ridge son croft hurst mere wick stone""".split()

GERMAN_WOMEN: Final = """Ursula Monika Petra Sabine Renate Andrea Claudia Susanne Karin Brigitte Anja
Heike Katja Birgit Julia Katharina Lena Laura Sophie Marie Jana Lea Johanna Franziska Nina Hannah Greta
Frieda Ilse Hildegard Gisela Käthe Bärbel Jördis Annegret Silke Maren Wiebke Antje Stefanie Nadine Carina
Melanie Theresa Charlotte Mathilda Elke Gudrun Dörte Ingrid Martina Christa Angelika""".split()
GERMAN_MEN: Final = """Peter Michael Thomas Andreas Wolfgang Klaus Jürgen Günter Stefan Christian Uwe
Werner Horst Frank Dieter Manfred Gerhard Hans Bernd Torsten Matthias Helmut Walter Heinz Martin Jörg Rolf
Jens Sven Alexander Jan Rainer Holger Karl Dirk Joachim Ralf Markus Felix Lukas Leon Paul Jonas Finn Elias
Maximilian Moritz Philipp Tobias Florian Björn Götz Kürşat Emre Rüdiger Ludwig Konrad""".split()
GERMAN_FAMILIES: Final = """Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann
Schäfer Koch Bauer Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann
Lange Schmitt Werner Krause Meier Lehmann Schmid Schulze Maier Köhler Herrmann König Walter Mayer Huber
Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn Schubert Vogel Friedrich Keller Günther Frank Berger
Winkler Roth Beck Lorenz Baumann Franke Albrecht Schuster Simon Ludwig Böhm Winter Kraus Martin Schumacher
Krämer Vogt Stein Jäger Otto Sommer Groß Seidel Yılmaz Öztürk""".split()
GERMAN_STARTS: Final = """Berg Stein Hof Kirch Brun Eich Linden Rosen Feld Wald Stahl Eisen Gold Silber
Ober Nieder Hoch Grün Schön Alten Neu Birken Hasel Mühl Brücken Bach Sand Winkel Lauter Krumm Dorn Wiesen
Acker Adler Falken""".split()
GERMAN_ENDS: Final = """mann bach meier hauer berger thal stein feld hagen dorf brück hofer wald burg kamp
hausen ner inger müller reuter heim""".split()

FRENCH_WOMEN: Final = """Marie Nathalie Isabelle Sylvie Catherine Françoise Valérie Christine Monique
Sandrine Véronique Nicole Stéphanie Sophie Anne Céline Chantal Patricia Brigitte Julie Aurélie Laurence
Christelle Émilie Élodie Hélène Camille Léa Manon Chloé Inès Jade Louise Zoé Clémence Margaux Mathilde
Océane Noémie Geneviève Agnès Maëlys Solène Bérénice Joséphine Victoire Capucine Apolline""".split()
FRENCH_MEN: Final = """Jean Philippe Michel Alain Patrick Nicolas Christophe Pierre Christian Éric
Frédéric Laurent Stéphane David Pascal Daniel Alexandre Julien Thierry Olivier Bernard Thomas Sébastien
Gérard Didier Dominique Vincent François Bruno Guillaume Jérôme Jacques Marc Maxime Romain Claude Antoine
Franck Benoît Rémi Loïc Gaël Théo Hugo Lucas Mathis Raphaël Gaspard Anatole""".split()
FRENCH_FAMILIES: Final = """Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon
Michel Lefebvre Leroy Roux David Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau
Vincent Muller Lefèvre Faure André Mercier Blanc Guérin Boyer Garnier Chevalier François Legrand Gauthier
Garcia Perrin Robin Clément Morin Nicolas Henry Roussel Mathieu Gautier Masson Marchand Duval Denis Dumont
Marie Lemaire Noël Meyer Dufour Meunier Brun Blanchard Giraud Joly Rivière Lucas Brunet Gaillard Barbier
Arnaud Martinez Gérard Roche Renard Schmitt Roy Leroux Colin Vidal Caron Picard Roger Fabre Aubert Lemoine
Renaud Dumas Lacroix Olivier Philippe Bourgeois Pierre Benoît Rey Leclerc Payet Rolland Leclercq Guillaume
Lecomte Lopez Jean Dupuy Guillot Hubert Berger Carpentier Sanchez""".split()
FRENCH_STARTS: Final = """Beau Mont Char Val Roche Clair Bois Grand Haut Chante Belle Fré Cour Pré Vau Mar
Las Tour Gran Dela Bel Cha Del Per Sau Thi Ver Bar Gui Lam""".split()
FRENCH_ENDS: Final = """champ ville bert mont court lieu reau nier gnac tier rière lard bault geon doux
main fort reuil teau let""".split()

SPANISH_WOMEN: Final = """María Carmen Ana Isabel Laura Cristina Marta Lucía Elena Paula Rosa Pilar Sofía
Teresa Raquel Beatriz Nuria Silvia Julia Patricia Irene Andrea Rocío Mónica Alba Ángela Inés Sara Claudia
Natalia Verónica Camila Valentina Guadalupe Ximena Fernanda Daniela Gabriela Mariana Alejandra Itzel
Yolanda Esperanza Dolores Consuelo Noelia Leticia Lorena Ángeles""".split()
SPANISH_MEN: Final = """Antonio José Manuel Francisco Juan David Javier Daniel Carlos Jesús Alejandro
Miguel Rafael Pablo Ángel Sergio Fernando Jorge Luis Alberto Álvaro Adrián Diego Raúl Iván Rubén Enrique
Ramón Vicente Andrés Joaquín Santiago Eduardo Víctor Mario Roberto Jaime Ignacio Marcos Ricardo Hugo
Emilio Guillermo Felipe Martín Tomás Agustín Rodrigo Arturo Héctor""".split()
SPANISH_FAMILIES: Final = """García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín
Jiménez Ruiz Hernández Díaz Moreno Álvarez Muñoz Romero Alonso Gutiérrez Navarro Torres Domínguez Vázquez
Ramos Gil Ramírez Serrano Blanco Molina Suárez Morales Ortega Delgado Castro Ortiz Rubio Marín Sanz
Iglesias Medina Garrido Cortés Castillo Santos Lozano Guerrero Cano Prieto Méndez Cruz Calvo Gallego Vidal
León Márquez Herrera Peña Flores Cabrera Campos Vega Fuentes Carrasco Diez Reyes Caballero Nieto Aguilar
Pascual Santana Herrero Montero Lorenzo Hidalgo Giménez""".split()

GREEK_WOMEN: Final = """Maria:Μαρία Eleni:Ελένη Aikaterini:Αικατερίνη Vasiliki:Βασιλική Sofia:Σοφία
Angeliki:Αγγελική Georgia:Γεωργία Dimitra:Δήμητρα Ioanna:Ιωάννα Konstantina:Κωνσταντίνα Anna:Άννα
Paraskevi:Παρασκευή Evangelia:Ευαγγελία Kalliopi:Καλλιόπη Despoina:Δέσποινα Fotini:Φωτεινή
Chrysoula:Χρυσούλα Stavroula:Σταυρούλα Athina:Αθηνά Danai:Δανάη Ourania:Ουρανία Panagiota:Παναγιώτα
Zoi:Ζωή Kyriaki:Κυριακή Nefeli:Νεφέλη Artemis:Άρτεμις Theodora:Θεοδώρα Alexandra:Αλεξάνδρα""".split()
GREEK_MEN: Final = """Georgios:Γεώργιος Ioannis:Ιωάννης Konstantinos:Κωνσταντίνος Dimitrios:Δημήτριος
Nikolaos:Νικόλαος Panagiotis:Παναγιώτης Vasileios:Βασίλειος Christos:Χρήστος Athanasios:Αθανάσιος
Michail:Μιχαήλ Evangelos:Ευάγγελος Spyridon:Σπυρίδων Antonios:Αντώνιος Anastasios:Αναστάσιος
Theodoros:Θεόδωρος Andreas:Ανδρέας Charalampos:Χαράλαμπος Alexandros:Αλέξανδρος Emmanouil:Εμμανουήλ
Ilias:Ηλίας Stavros:Σταύρος Petros:Πέτρος Grigorios:Γρηγόριος Apostolos:Απόστολος Stylianos:Στυλιανός
Pavlos:Παύλος Orestis:Ορέστης""".split()
GREEK_STEMS: Final = """Papad:Παπαδ Georg:Γεωργ Nikol:Νικολ Dimitr:Δημητρ Anton:Αντων Vasil:Βασιλ
Pavl:Παυλ Petr:Πετρ Konstantin:Κωνσταντιν Christ:Χριστ Athanas:Αθανασ Theodor:Θεοδωρ Stavr:Σταυρ
Anagnost:Αναγνωστ Ikonom:Οικονομ Makr:Μακρ Alexandr:Αλεξανδρ Angel:Αγγελ Manol:Μανωλ Lamp:Λαμπ Karal:Καραλ
Kontog:Κοντογ Zacharop:Ζαχαροπ Markop:Μαρκοπ Fotin:Φωτειν Mavr:Μαυρ Xanth:Ξανθ Zerv:Ζερβ Kall:Καλλ
Loukop:Λουκοπ Sam:Σαμ Tsak:Τσακ Drak:Δρακ Pap:Παπ""".split()
GREEK_PREFIXES: Final = [":", "Papa:Παπα", "Hatzi:Χατζη", "Kara:Καρα"]
# man latin, man native, woman latin, woman native
GREEK_ENDINGS: Final = [
    ("opoulos", "όπουλος", "opoulou", "οπούλου"),
    ("akis", "άκης", "aki", "άκη"),
    ("idis", "ίδης", "idou", "ίδου"),
    ("atos", "άτος", "atou", "άτου"),
]

RUSSIAN_WOMEN: Final = """Anna:Анна Maria:Мария Elena:Елена Olga:Ольга Tatiana:Татьяна Natalia:Наталья
Irina:Ирина Svetlana:Светлана Ekaterina:Екатерина Anastasia:Анастасия Daria:Дарья Yulia:Юлия Ksenia:Ксения
Polina:Полина Ludmila:Людмила Galina:Галина Vera:Вера Nadezhda:Надежда Larisa:Лариса Alina:Алина
Sofia:София Oksana:Оксана""".split()
RUSSIAN_MEN: Final = """Alexander:Александр Sergei:Сергей Dmitri:Дмитрий Andrei:Андрей Alexei:Алексей
Maxim:Максим Ivan:Иван Mikhail:Михаил Nikolai:Николай Vladimir:Владимир Yuri:Юрий Pavel:Павел Oleg:Олег
Igor:Игорь Konstantin:Константин Anton:Антон Viktor:Виктор Denis:Денис Evgeni:Евгений Roman:Роман
Artyom:Артём Kirill:Кирилл""".split()
RUSSIAN_STEMS: Final = """Ivan:Иван Petr:Петр Sidor:Сидор Smirn:Смирн Kuznets:Кузнец Popov:Попов
Sokol:Сокол Lebed:Лебед Kozl:Козл Novik:Новик Moroz:Мороз Volk:Волк Pavl:Павл Semen:Семен Golub:Голуб
Vinograd:Виноград Bogdan:Богдан Vorob:Вороб Fedor:Федор Mikhail:Михайл Belya:Беля Tara:Тара Bel:Бел
Komar:Комар Orl:Орл Kisel:Кисел Makar:Макар Andre:Андре Kovale:Ковале Guse:Гусе Tit:Тит Kuzm:Кузьм
Kudr:Кудр Baran:Баран Kulik:Кулик Alekse:Алексе Stepan:Степан Yakovl:Яковл Sorok:Сорок Serge:Серге
Roman:Роман Zakhar:Захар Boris:Борис Korol:Корол Gerasim:Герасим Ponomar:Пономар Grigor:Григор Lazar:Лазар
Medved:Медвед Ersh:Ерш Nikit:Никит Sobol:Собол Ryab:Ряб Polyak:Поляк Tsvet:Цвет Danil:Данил Zhuk:Жук
Frol:Фрол Zhuravl:Журавл""".split()
RUSSIAN_ENDINGS: Final = [("ov", "ов", "ova", "ова"), ("in", "ин", "ina", "ина"), ("enko", "енко", "enko", "енко")]

ARABIC_WOMEN: Final = """Fatima:فاطمة Aisha:عائشة Maryam:مريم Khadija:خديجة Zainab:زينب Layla:ليلى
Nour:نور Huda:هدى Salma:سلمى Amina:أمينة Hana:هناء Rania:رانيا Samira:سميرة Yasmin:ياسمين Dina:دينا
Mona:منى Nadia:نادية Sara:سارة Iman:إيمان Lina:لينا Rim:ريم Farida:فريدة""".split()
ARABIC_MEN: Final = """Mohammed:محمد Ahmed:أحمد Ali:علي Omar:عمر Hassan:حسن Hussein:حسين Khalid:خالد
Ibrahim:إبراهيم Youssef:يوسف Mustafa:مصطفى Abdullah:عبدالله Karim:كريم Tariq:طارق Bilal:بلال Samir:سمير
Nabil:نبيل Rashid:رشيد Hamza:حمزة Faisal:فيصل Salim:سليم Mahmoud:محمود Anwar:أنور Ziad:زياد Walid:وليد""".split()
ARABIC_FAMILIES: Final = """Hassan:حسن Haddad:حداد Khoury:خوري Mansour:منصور Nasser:ناصر Saleh:صالح
Rahman:رحمن Hamdan:حمدان Darwish:درويش Kassem:قاسم Sabbagh:صباغ Najjar:نجار Habib:حبيب Sharif:شريف
Qureshi:قريشي Masri:مصري Shami:شامي Baghdadi:بغدادي Tunisi:تونسي Fassi:فاسي Jaber:جابر Zaidan:زيدان
Awad:عوض Bakri:بكري Farah:فرح Ghanem:غانم Hamdi:حمدي Issa:عيسى Jamal:جمال Kanaan:كنعان Latif:لطيف
Mahdi:مهدي Naim:نعيم Othman:عثمان Qasim:قاسمي Rizk:رزق Salem:سالم Taha:طه Wahab:وهاب Yassin:ياسين
Zahran:زهران Amari:عماري Benali:بنعلي Cherif:شريفي Daoud:داود Ezzat:عزت Fathi:فتحي Galal:جلال Hijazi:حجازي
Idris:إدريس""".split()

CHINESE_FAMILIES: Final = """Wang:王 Li:李 Zhang:张 Liu:刘 Chen:陈 Yang:杨 Huang:黄 Zhao:赵 Wu:吴 Zhou:周
Xu:徐 Sun:孙 Ma:马 Zhu:朱 Hu:胡 Guo:郭 He:何 Gao:高 Lin:林 Luo:罗 Zheng:郑 Liang:梁 Xie:谢 Song:宋 Tang:唐
Han:韩 Feng:冯 Deng:邓 Cao:曹 Peng:彭 Zeng:曾 Xiao:肖 Tian:田 Dong:董 Pan:潘 Yuan:袁 Cai:蔡 Jiang:蒋 Yu:余
Du:杜 Ye:叶 Cheng:程 Wei:魏 Su:苏 Lu:吕 Ding:丁 Ren:任 Shen:沈 Yao:姚 Cui:崔 Zhong:钟 Tan:谭 Fan:范
Liao:廖 Shi:石 Jin:金 Jia:贾 Xia:夏 Fu:付 Fang:方 Bai:白 Zou:邹 Meng:孟 Xiong:熊 Qin:秦 Qiu:邱 Hou:侯
Yin:尹 Xue:薛 Lei:雷 Long:龙 Duan:段 Hao:郝 Kong:孔 Shao:邵 Mao:毛 Chang:常 Wan:万 Gu:顾 Lai:赖 Kang:康
Ouyang:欧阳 Sima:司马""".split()
CHINESE_WOMEN: Final = """Xiao:晓 Mei:梅 Li:丽 Fang:芳 Yan:燕 Jing:静 Xue:雪 Ling:玲 Hong:红 Ying:英 Yu:玉
Lan:兰 Xin:欣 Jia:佳 Qing:清 Na:娜""".split()
CHINESE_MEN: Final = """Wei:伟 Ming:明 Jun:军 Qiang:强 Lei:磊 Yong:勇 Jie:杰 Tao:涛 Bin:斌 Hao:浩 Peng:鹏
Long:龙 Zhi:志 Guo:国 Jian:建 Hua:华""".split()
JAPANESE_STARTS: Final = """Yama:山 Naka:中 Taka:高 Matsu:松 Kita:北 Nishi:西 Oka:岡 Mori:森 Hara:原
Ishi:石 Fuji:藤 Kawa:川 Ike:池 Iwa:岩 Ue:上 Shima:島 Mura:村 Yoshi:吉 Sugi:杉 Ta:田 Ki:木 O:小 No:野
Tani:谷 Mae:前 Take:竹 Miya:宮 Aki:秋""".split()
JAPANESE_ENDS: Final = """da:田 moto:本 kawa:川 yama:山 mura:村 guchi:口 shima:島 no:野 saki:崎 hara:原
zawa:沢 i:井 uchi:内 bayashi:林 mori:森 naka:中""".split()
JAPANESE_WOMEN: Final = """Yuko:裕子 Keiko:恵子 Akiko:明子 Naomi:直美 Yumi:由美 Aoi:葵 Sakura:桜 Hana:花
Misaki:美咲 Haruka:遥 Yui:結衣 Rin:凛 Mio:澪 Kaori:香織 Emi:恵美 Tomoko:智子 Mayumi:真由美 Ayaka:彩香
Nanami:七海 Chiyo:千代""".split()
JAPANESE_MEN: Final = """Hiroshi:浩 Takashi:隆 Kenji:健二 Satoshi:聡 Makoto:誠 Daisuke:大輔 Haruto:陽翔
Sota:颯太 Ren:蓮 Yuto:悠斗 Kaito:海斗 Takumi:匠 Kenta:健太 Naoki:直樹 Ryo:涼 Shota:翔太 Tsuyoshi:剛
Yusuke:裕介 Akira:明 Jun:純""".split()

INDIAN_WOMEN: Final = """Priya Anjali Pooja Neha Kavita Sunita Deepa Lakshmi Meera Radha Shreya Divya
Ananya Aishwarya Nisha Swati Rekha Geeta Padma Sangeeta Ritu Vidya Jyoti Kiran Asha Usha Tara Leela""".split()
INDIAN_MEN: Final = """Raj Amit Rahul Sanjay Vijay Anil Suresh Ramesh Arjun Rohan Vikram Arun Deepak Manoj
Ashok Karthik Nikhil Aditya Krishna Harish Naveen Prakash Gaurav Varun Siddharth Mohan Ravi Dev""".split()
INDIAN_FAMILIES: Final = """Patel Sharma Singh Kumar Gupta Shah Mehta Reddy Rao Nair Iyer Iyengar Menon
Pillai Desai Joshi Kulkarni Deshpande Patil Chopra Kapoor Malhotra Khanna Bhatia Sethi Arora Verma Mishra
Pandey Tiwari Trivedi Dubey Chatterjee Mukherjee Banerjee Ganguly Bose Sen Das Dutta Ghosh Roy Naidu
Chowdhury Agarwal Bansal Jain Mittal Saxena Srivastava Chauhan Rathore Thakur Yadav Bhatt Pandya Parekh
Modi Gandhi Naik Shetty Hegde Kamath Bhandari Krishnan Subramanian Venkatesan Raghavan Narayanan
Balakrishnan""".split()
